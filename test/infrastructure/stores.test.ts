import { environmentNames, idOf, type Resource, synthesize } from './synthesize';

describe.each(environmentNames)('stores of %s', (env) => {
  const stacks = synthesize(env);
  const table = (name: string) => stacks.one('AWS::DynamoDB::Table', ({ id }) => id.startsWith(name));
  const bucket = (name: string) => stacks.one('AWS::S3::Bucket', ({ id }) => id.startsWith(name));
  const kept = env !== 'dev';

  test.each([
    ['Tracks', ['track', 'minute']],
    ['Rides', ['owner', 'ride']],
    ['Partitions', ['city', 'day']],
    ['Tickets', ['ticket']],
    ['DeviceKeys', ['device', 'key']],
  ])('the table %s has the keys %j', (name, keys) => {
    const { Properties } = table(name);
    const types = ['HASH', 'RANGE'];
    expect(Properties.KeySchema).toEqual(keys.map((key, i) => ({ AttributeName: key, KeyType: types[i] })));
    expect(Properties.AttributeDefinitions).toEqual(keys.map((key) => ({ AttributeName: key, AttributeType: 'S' })));
  });

  test('tables are billed by the request, but tracks and rides in production', () => {
    const byCapacity = stacks
      .ofType('AWS::DynamoDB::Table')
      .filter(({ Properties }) => Properties.BillingMode !== 'PAY_PER_REQUEST');
    expect(byCapacity.map(({ id }) => id.replace(/Table.*/, '')).sort()).toEqual(
      env === 'prod' ? ['Rides', 'Tracks'] : [],
    );
    for (const { Properties } of byCapacity) {
      expect(Properties.ProvisionedThroughput).toEqual({ ReadCapacityUnits: 50, WriteCapacityUnits: 10 });
    }
  });

  test('capacity follows the load, up to what an account has', () => {
    const targets = stacks.ofType('AWS::ApplicationAutoScaling::ScalableTarget').map(({ Properties }) => Properties);
    const bounds = (kind: string) =>
      targets
        .filter(({ ScalableDimension }) => ScalableDimension === `dynamodb:table:${kind}CapacityUnits`)
        .map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity]);
    const twice = (each: number[]) => (env === 'prod' ? [each, each] : []);
    expect(bounds('Write')).toEqual(twice([10, 40_000]));
    expect(bounds('Read')).toEqual(twice([50, 20_000]));
    const policies = stacks.ofType('AWS::ApplicationAutoScaling::ScalingPolicy');
    expect(policies).toHaveLength(targets.length);
    for (const { Properties } of policies) {
      expect(Properties.TargetTrackingScalingPolicyConfiguration).toMatchObject({ TargetValue: 70 });
    }
  });

  test('tables can be put back to any second', () => {
    for (const { Properties } of stacks.ofType('AWS::DynamoDB::Table')) {
      expect(Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    }
  });

  test('tracks and tickets expire', () => {
    for (const name of ['Tracks', 'Tickets']) {
      expect(table(name).Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expires', Enabled: true });
    }
  });

  test('the changes of tracks and rides are streamed, before and after', () => {
    expect(table('Tracks').Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(table('Rides').Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(table('Partitions').Properties.StreamSpecification).toBeUndefined();
  });

  test('what holds data outlives its stack, but in development', () => {
    const types = [
      'AWS::DynamoDB::Table',
      'AWS::Kinesis::Stream',
      'AWS::OpenSearchService::Domain',
      'AWS::Cognito::UserPool',
    ];
    const holding = [...stacks.ofType(...types), bucket('Archive'), bucket('Failures')];
    expect(holding).toHaveLength(10);
    for (const { DeletionPolicy, UpdateReplacePolicy } of holding) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(kept ? ['Retain', 'Retain'] : ['Delete', 'Delete']);
    }
  });

  test('tables and user pool refuse to be deleted, but in development', () => {
    for (const { Properties } of stacks.ofType('AWS::DynamoDB::Table')) {
      expect(Properties.DeletionProtectionEnabled ?? false).toBe(kept);
    }
    const { Properties } = stacks.one('AWS::Cognito::UserPool');
    expect(Properties.DeletionProtection === 'ACTIVE').toBe(kept);
  });

  test('buckets are closed to the public, encrypted and refuse plain HTTP', () => {
    const policies = stacks.ofType('AWS::S3::BucketPolicy');
    for (const { id, Properties } of stacks.ofType('AWS::S3::Bucket')) {
      expect(Object.values(Properties.PublicAccessBlockConfiguration ?? {})).toEqual([true, true, true, true]);
      expect(Properties.BucketEncryption).toBeDefined();
      const policy = policies.find((each) => idOf(each.Properties.Bucket) === id);
      expect(JSON.stringify(policy?.Properties)).toContain('"aws:SecureTransport":"false"');
    }
  });

  test('buckets forget: failures after 90 days, the archive after the retention', () => {
    const days = (of: Resource) => JSON.stringify(of.Properties.LifecycleConfiguration);
    expect(days(bucket('Failures'))).toContain('"ExpirationInDays":90');
    expect(days(bucket('Archive'))).toContain(`"ExpirationInDays":${env === 'staging' ? 90 : 400}`);
  });

  test('the cache is Valkey, within limits, and reached by its guard only', () => {
    const { Properties } = stacks.one('AWS::ElastiCache::ServerlessCache');
    expect(Properties).toMatchObject({ Engine: 'valkey', MajorEngineVersion: '8' });
    expect(Properties.CacheUsageLimits).toMatchObject({
      DataStorage: { Maximum: { dev: 1, staging: 5, prod: 50 }[env], Unit: 'GB' },
    });
    const opened = stacks
      .ofType('AWS::EC2::SecurityGroupIngress')
      .filter((rule) => idOf(rule.Properties.GroupId) === idOf(Properties.SecurityGroupIds));
    expect(opened).toHaveLength(1);
    expect(opened[0]?.Properties).toMatchObject({ FromPort: 6379, ToPort: 6380, IpProtocol: 'tcp' });
    expect(idOf(opened[0]?.Properties.SourceSecurityGroupId)).toMatch(/^NetworkFunctions/);
  });

  test('functions that use the cache wear the group that its guard lets in, and may go out to it', () => {
    expect(JSON.stringify(stacks.function('ingest/on-positions').Properties.VpcConfig)).toMatch(/NetworkFunctions/);
    const out = stacks
      .ofType('AWS::EC2::SecurityGroupEgress')
      .filter(({ Properties }) => idOf(Properties.DestinationSecurityGroupId).startsWith('HotGuard'));
    expect(out.map(({ Properties }) => Properties.FromPort)).toEqual([6379]);
  });

  test('the cache’s only user signs in by IAM under one name, and administers nothing', () => {
    const { id, Properties } = stacks.one('AWS::ElastiCache::User');
    expect(Properties).toMatchObject({ Engine: 'valkey', AuthenticationMode: { Type: 'iam' } });
    expect(Properties.UserId).toBe(Properties.UserName);
    expect(Properties.UserId).toMatch(/^[a-z][a-z0-9-]{0,39}$/);
    expect(String(Properties.AccessString).split(' ')).toEqual(
      expect.arrayContaining(['-@all', '-@admin', '-@dangerous']),
    );
    expect(stacks.one('AWS::ElastiCache::UserGroup').Properties.UserIds).toEqual([{ Ref: id }]);
  });

  test('the search domain is encrypted in every way and open to signed requests only', () => {
    const { Properties } = stacks.one('AWS::OpenSearchService::Domain');
    expect(Properties).toMatchObject({
      EngineVersion: 'OpenSearch_2.19',
      EncryptionAtRestOptions: { Enabled: true },
      NodeToNodeEncryptionOptions: { Enabled: true },
      DomainEndpointOptions: { EnforceHTTPS: true, TLSSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
    });
    // No resource policy: only an identity whose own policy names the domain gets in.
    expect(Properties.AccessPolicies).toBeUndefined();
    expect(Properties.VPCOptions).toBeUndefined();
  });

  test('the search domain has the environment’s size', () => {
    const { Properties } = stacks.one('AWS::OpenSearchService::Domain');
    const types = { dev: 't3.small.search', staging: 't3.medium.search', prod: 'r6g.large.search' };
    expect(Properties.ClusterConfig).toMatchObject({
      InstanceType: types[env],
      InstanceCount: env === 'dev' ? 1 : 2,
      ZoneAwarenessEnabled: env !== 'dev',
    });
  });
});
