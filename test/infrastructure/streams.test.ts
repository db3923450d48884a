import { environmentNames, idOf, type Resource, synthesize } from './synthesize';

describe.each(environmentNames)('consumers of %s', (env) => {
  const stacks = synthesize(env);
  const mappings = stacks.ofType('AWS::Lambda::EventSourceMapping');
  const mapping = (entry: string): Resource =>
    stacks.one(
      'AWS::Lambda::EventSourceMapping',
      ({ Properties }) => idOf(Properties.FunctionName) === stacks.function(entry).id,
    );

  test('are five', () => {
    const functions = mappings.map(({ Properties }) => idOf(Properties.FunctionName)).sort();
    const expected = [
      'correction/on-journal',
      'live/on-positions',
      'rides/on-rows',
      'search/on-rows',
      'tracks/on-positions',
    ];
    expect(functions).toEqual(expected.map((entry) => stacks.function(entry).id).sort());
  });

  test('try a record three times more, and halve the batch around it', () => {
    for (const { Properties } of mappings) {
      expect(Properties).toMatchObject({ MaximumRetryAttempts: 2, BisectBatchOnFunctionError: true });
    }
  });

  test('report each failed record by itself', () => {
    for (const { Properties } of mappings) {
      expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    }
  });

  test('keep what they give up on in the failures bucket', () => {
    const bucket = stacks.one('AWS::S3::Bucket', ({ id }) => id.startsWith('Failures'));
    for (const { Properties } of mappings) expect(idOf(Properties.DestinationConfig)).toBe(bucket.id);
  });

  test('give up on a record before its stream forgets it', () => {
    for (const { Properties } of mappings) {
      expect(Properties.MaximumRecordAgeInSeconds).toBeGreaterThanOrEqual(60);
      expect(Properties.MaximumRecordAgeInSeconds).toBeLessThan(24 * 3600);
    }
  });

  test('say where in the stream they start', () => {
    expect(mapping('tracks/on-positions').Properties.StartingPosition).toBe('TRIM_HORIZON');
    expect(mapping('search/on-rows').Properties.StartingPosition).toBe('TRIM_HORIZON');
    expect(mapping('live/on-positions').Properties.StartingPosition).toBe('LATEST');
  });

  test('gather points for tracks, and none for live', () => {
    const window = (entry: string) => mapping(entry).Properties.MaximumBatchingWindowInSeconds;
    expect(window('tracks/on-positions')).toBe(env === 'dev' ? 1 : 5);
    expect(window('live/on-positions')).toBeUndefined();
  });

  test('of positions: live has a reader of its own, which nobody else reads by', () => {
    const reader = stacks.one('AWS::Kinesis::StreamConsumer');
    const stream = stacks.one('AWS::Kinesis::Stream');
    expect(idOf(reader.Properties.StreamARN)).toBe(stream.id);
    const readers = mappings.filter(({ Properties }) => idOf(Properties.EventSourceArn) === reader.id);
    expect(readers.map(({ id }) => id)).toEqual([mapping('live/on-positions').id]);
    expect(idOf(mapping('tracks/on-positions').Properties.EventSourceArn)).toBe(stream.id);
  });

  test.each([
    ['live/on-positions', 'kinesis:SubscribeToShard'],
    ['live/on-positions', 'kinesis:DescribeStream'],
    ['tracks/on-positions', 'kinesis:GetRecords'],
    ['tracks/on-positions', 'kinesis:GetShardIterator'],
    ['tracks/on-positions', 'kinesis:DescribeStream'],
    ['tracks/on-positions', 'kinesis:ListShards'],
    ['search/on-rows', 'dynamodb:GetRecords'],
    ['search/on-rows', 'dynamodb:GetShardIterator'],
    ['search/on-rows', 'dynamodb:DescribeStream'],
    ['search/on-rows', 'dynamodb:ListStreams'],
  ])('%s may %s', (entry, action) => {
    expect(stacks.statements(entry).flatMap(({ Action }) => Action)).toContain(action);
  });

  test('of rows: the index sees raw minutes only', () => {
    const { Properties } = mapping('search/on-rows');
    const pattern = JSON.stringify({ dynamodb: { Keys: { minute: { S: [{ prefix: 'r' }] } } } });
    expect(Properties.FilterCriteria).toEqual({ Filters: [{ Pattern: pattern }] });
    expect(JSON.stringify(Properties.EventSourceArn)).toMatch(/Tracks.*StreamArn/);
  });

  test('are created after the permission to read', () => {
    for (const entry of ['live/on-positions', 'search/on-rows', 'tracks/on-positions']) {
      expect(stacks.function(entry).DependsOn.some((id) => /RoleDefaultPolicy/.test(id))).toBe(true);
    }
  });

  test('the stream is encrypted, and sized by the environment', () => {
    const { Properties } = stacks.one('AWS::Kinesis::Stream');
    expect(Properties.StreamEncryption).toMatchObject({ EncryptionType: 'KMS' });
    expect(Properties).toMatchObject(
      env === 'dev'
        ? { ShardCount: 1, StreamModeDetails: { StreamMode: 'PROVISIONED' } }
        : { StreamModeDetails: { StreamMode: 'ON_DEMAND' } },
    );
  });

  test('the sweep runs every minute, and is not repeated', () => {
    const { Properties } = stacks.one('AWS::Events::Rule', (rule) => rule.Properties.ScheduleExpression !== undefined);
    expect(Properties.ScheduleExpression).toBe('rate(1 minute)');
    expect(Properties.Targets).toMatchObject([{ RetryPolicy: { MaximumRetryAttempts: 0 } }]);
    expect(idOf(Properties.Targets)).toBe(stacks.function('live/on-sweep').id);
  });
});
