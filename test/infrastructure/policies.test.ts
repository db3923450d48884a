import { z } from 'zod';
import { environmentNames, idOf, type Statement, statementsOf, synthesize } from './synthesize';

/** Actions that know no resource: network interfaces are EC2's to name. */
const resourceless = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

const trustSchema = z.object({ Statement: z.array(z.object({ Principal: z.object({ AWS: z.unknown() }) })) });

describe.each(environmentNames)('permissions in %s', (env) => {
  const stacks = synthesize(env);
  const policies = stacks.ofType('AWS::IAM::Policy');
  const statements = policies.flatMap(statementsOf).filter(({ Effect }) => Effect === 'Allow');

  test('name their resources; only network interfaces have none to name', () => {
    const everywhere = statements.filter(({ Resource }) => Resource?.includes('*'));
    expect(everywhere.length).toBeGreaterThan(0);
    for (const { Action } of everywhere) expect(Action).toEqual(resourceless);
  });

  test('name their actions', () => {
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });

  test('scan nothing', () => {
    expect(stacks.text.Data + stacks.text.Service).not.toMatch(/"dynamodb:(Scan|PartiQLSelect|\*)/);
  });

  test('are no managed policies, but for the gateway’s account setting and the library’s own functions', () => {
    const roles = stacks
      .ofType('AWS::IAM::Role')
      .filter(({ Properties }) => Properties.ManagedPolicyArns !== undefined);
    const names = roles.map(({ id }) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(names.filter((name) => !name.startsWith('Custom'))).toEqual(['SocketLogRole']);
  });

  const actionsOn = (entry: string, service: string) =>
    stacks
      .statements(entry)
      .flatMap(({ Action }) => Action)
      .filter((action) => action.startsWith(`${service}:`))
      .sort();

  test.each([
    ['ingest/on-positions', 'kinesis', ['kinesis:PutRecords']],
    ['ingest/on-report', 'kinesis', ['kinesis:PutRecords']],
    ['ingest/on-positions', 'dynamodb', []],
    ['ingest/on-app', 'kinesis', ['kinesis:PutRecords']],
    ['ingest/on-app', 'dynamodb', ['dynamodb:GetItem']],
    ['devices/on-keys', 'dynamodb', ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query']],
    ['tracks/on-positions', 'dynamodb', ['dynamodb:UpdateItem']],
    ['live/on-positions', 'dynamodb', []],
    // Rows, and the journal beside them.
    ['tracks/on-read', 'dynamodb', ['dynamodb:Query', 'dynamodb:Query']],
    ['search/on-search', 'es', ['es:ESHttpPost']],
    ['search/on-search', 'dynamodb', ['dynamodb:Query']],
    ['access/on-ticket', 'dynamodb', ['dynamodb:PutItem']],
    ['access/on-authorize', 'dynamodb', ['dynamodb:DeleteItem']],
    ['credentials/on-credentials', 'dynamodb', ['dynamodb:GetItem', 'dynamodb:Query']],
    ['live/on-sweep', 'kinesis', []],
    ['correction/on-journal', 'kinesis', []],
    ['latest/on-position', 'dynamodb', ['dynamodb:Query']],
    ['latest/on-nearby', 'dynamodb', []],
    ['reference/on-document', 'dynamodb', []],
  ])('let %s do with %s exactly %j', (entry, service, expected) => {
    expect(actionsOn(entry, service)).toEqual(expected);
  });

  test('let nobody but live and the search over WebSocket post to connections', () => {
    const posting = stacks
      .functions()
      .map((fn) => stacks.entry(fn))
      .filter((entry) => actionsOn(entry, 'execute-api').length > 0);
    expect(posting.sort()).toEqual(['live/on-positions', 'live/on-socket', 'live/on-sweep', 'search/on-socket']);
  });

  test('let devices that write by themselves add points to rows of tracks, and do nothing else', () => {
    const role = stacks.one('AWS::IAM::Role', ({ id }) => id.startsWith('CredentialsDeviceRole'));
    expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    const theirs = policies.filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(`"${role.id}"`));
    expect(theirs.flatMap(statementsOf)).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:UpdateItem'],
        Resource: [expect.anything()],
        Condition: {
          'ForAllValues:StringLike': {
            'dynamodb:LeadingKeys': ['?*#?*'],
            'dynamodb:Attributes': ['track', 'minute', 'expires', 'p?', 'p??', 'p???', 'p????', 'p?????'],
          },
          Null: {
            'dynamodb:LeadingKeys': 'false',
            'dynamodb:Attributes': 'false',
            'dynamodb:EnclosingOperation': 'true',
          },
          StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
          Bool: { 'aws:SecureTransport': 'true' },
        },
      },
    ]);
  });

  test('let nobody but the function that issues credentials act as a device', () => {
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.startsWith('sts:'))).toEqual([]);
    const role = stacks.one('AWS::IAM::Role', ({ id }) => id.startsWith('CredentialsDeviceRole'));
    const { Statement: trusted } = trustSchema.parse(role.Properties.AssumeRolePolicyDocument);
    expect(trusted.map(({ Principal }) => idOf(Principal.AWS))).toEqual([
      idOf(stacks.function('credentials/on-credentials').Properties.Role),
    ]);
  });

  test('let a search read the index and not write it', () => {
    const [search] = stacks.statements('search/on-search').filter(({ Action }) => Action.includes('es:ESHttpPost'));
    expect(JSON.stringify(search?.Resource)).toMatch(/\/_msearch"/);
  });

  test('let Lambda keep failed batches of the consumers, and of nobody else', () => {
    const keeping = stacks
      .functions()
      .map((fn) => stacks.entry(fn))
      .filter((entry) => !entry.startsWith('files/') && actionsOn(entry, 's3').length > 0)
      .sort();
    expect(keeping).toEqual([
      'correction/on-journal',
      'live/on-positions',
      'rides/on-rows',
      'search/on-rows',
      'tracks/on-positions',
    ]);
    for (const entry of keeping)
      expect([...new Set(actionsOn(entry, 's3'))]).toEqual(['s3:ListBucket', 's3:PutObject']);
  });

  test('let each function write its own log only', () => {
    for (const fn of stacks.functions()) {
      const logs = stacks.statements(stacks.entry(fn)).filter(isAboutLogs);
      expect(logs).toHaveLength(1);
      expect(logs[0]?.Resource?.map(idOf)).toEqual([idOf(fn.Properties.LoggingConfig)]);
    }
  });
});

const isAboutLogs = ({ Action }: Statement) => Action.some((action) => action.startsWith('logs:'));
