import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { Front } from '../../../local/front';
import { Guard } from '../../../local/front/guard';
import { sessionCaller } from '../../../local/front/keys';
import { Roles } from '../../../local/iam';
import { LocalMeter } from '../../../local/meter';
import { rootCredentials } from '../../../local/model';
import { allow, table, templateOf } from './fixture';

const account = '000000000000';
const arn = (role: string) => `arn:aws:iam::${account}:role/${role}`;
const credentials = { accessKeyId: 'ASIA0000000000000001', secretAccessKey: 'secret', sessionToken: 'token' };
const said: string[] = [];
let front: Front;

beforeAll(async () => {
  const template = templateOf(
    {
      issuer: { allows: [allow('sts:AssumeRole', [arn('device'), arn('closed')])] },
      device: { allows: [allow('dynamodb:UpdateItem')], trusts: [arn('issuer')], longestSession: 7_200 },
      closed: { allows: [] },
      ungranted: { allows: [], trusts: [arn('somebody-else')] },
    },
    { Tracks: table('tracks') },
  );
  front = new Front({ meter: new LocalMeter(), log: () => undefined, control: async () => false });
  await front.start();
  const role = { arn: arn('issuer'), issuedAt: 0, functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:f' };
  front.addCaller(sessionCaller('Issuer', 'f', 'AROAISSUER', role), credentials);
  front.setGuard(new Guard(template, new Roles(template), (_, line) => said.push(line)));
});
afterAll(() => front.stop());
afterEach(() => jest.useRealTimers());

const sts = (signing = credentials as object) =>
  new STSClient({
    endpoint: front.url,
    region: 'eu-central-1',
    credentials: signing as typeof credentials,
    maxAttempts: 1,
  });
const assume = (change: Partial<AssumeRoleCommandInput> = {}, signing?: object) =>
  sts(signing).send(new AssumeRoleCommand({ RoleArn: arn('device'), RoleSessionName: 'owner-1', ...change }));

async function session(change: Partial<AssumeRoleCommandInput> = {}) {
  const { Credentials } = await assume(change);
  return {
    accessKeyId: String(Credentials?.AccessKeyId),
    secretAccessKey: String(Credentials?.SecretAccessKey),
    sessionToken: String(Credentials?.SessionToken),
  };
}

test('a role that trusts the caller, and that the caller may assume, gives keys for a session', async () => {
  const { Credentials, AssumedRoleUser } = await assume({ DurationSeconds: 900 });
  expect(Credentials).toMatchObject({ AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/) });
  const lasts = Number(Credentials?.Expiration) - Date.now();
  expect(Math.abs(lasts - 900_000)).toBeLessThan(60_000);
  const Arn = `arn:aws:sts::${account}:assumed-role/device/owner-1`;
  expect(AssumedRoleUser?.Arn).toBe(Arn);
  const identity = await sts(await session()).send(new GetCallerIdentityCommand({}));
  expect(identity).toMatchObject({ Arn, Account: account, UserId: AssumedRoleUser?.AssumedRoleId });
});

test.each<[string, Partial<AssumeRoleCommandInput>, string]>([
  ['its trust policy names another', { RoleArn: arn('closed') }, 'no role trust policy allows'],
  ['the template does not have', { RoleArn: arn('nobody') }, 'sts:AssumeRole'],
])('a role that %s is refused', async (_, change, message) => {
  await expect(assume(change)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining(message),
  });
});

test.each<[string, Partial<AssumeRoleCommandInput>, string]>([
  ['14 minutes', { DurationSeconds: 899 }, 'ValidationError'],
  ['longer than a chained role may', { DurationSeconds: 3_601 }, 'ValidationError'],
  ['a session name with a space', { RoleSessionName: 'a b' }, 'ValidationError'],
  ['a session name of 65 characters', { RoleSessionName: 'a'.repeat(65) }, 'ValidationError'],
  ['no role', { RoleArn: '' }, 'ValidationError'],
  ['managed policies', { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/AdministratorAccess' }] }, 'ValidationError'],
  ['tags', { Tags: [{ Key: 'a', Value: 'b' }] }, 'ValidationError'],
  ['a policy that is not JSON', { Policy: '{' }, 'MalformedPolicyDocumentException'],
  [
    'an operator that is not one',
    {
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: { ...allow('s3:GetObject'), Condition: { StringResembles: { a: 'b' } } },
      }),
    },
    'MalformedPolicyDocumentException',
  ],
  ['a policy of 2,049 characters', { Policy: 'x'.repeat(2_049) }, 'ValidationError'],
])('%s is refused', async (_, change, name) => {
  await expect(assume(change)).rejects.toMatchObject({ name });
});

test('a role may be assumed for as long as it says, by who is not a session', async () => {
  const { Credentials } = await assume({ DurationSeconds: 7_200 }, rootCredentials);
  expect(Number(Credentials?.Expiration)).toBeGreaterThan(Date.now() + 7_000_000);
  await expect(assume({ DurationSeconds: 7_201 }, rootCredentials)).rejects.toMatchObject({ name: 'ValidationError' });
});

test('a session ends when it expires', async () => {
  const keys = await session({ DurationSeconds: 900 });
  const client = sts(keys);
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 901_000);
  await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'ExpiredToken' });
  jest.restoreAllMocks();
});

test('what a session may do is what both its role and its own policy allow', async () => {
  const update = (keys: Awaited<ReturnType<typeof session>>, TableName: string) =>
    new DynamoDBClient({ endpoint: front.url, region: 'eu-central-1', credentials: keys, maxAttempts: 1 }).send(
      new UpdateItemCommand({ TableName, Key: { id: { S: 'a' } } }),
    );
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      allow(['dynamodb:UpdateItem', 'dynamodb:GetItem'], `arn:aws:dynamodb:eu-central-1:${account}:table/tracks`),
    ],
  });
  const keys = await session({ Policy });
  await expect(update(keys, 'tracks')).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
  await expect(update(keys, 'other')).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('because no session policy allows the dynamodb:UpdateItem action'),
  });
  await expect(update({ ...keys, sessionToken: 'x' }, 'tracks')).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  });
  expect(said.filter((line) => line.includes('table/other'))).toEqual([
    expect.stringContaining('grant dynamodb:UpdateItem on'),
  ]);
});
