import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Front } from '../../../local/front';
import { allow, arnOf, denied, letIn, startIssuing, table } from './fixture';

/** A device's own credentials: it appends points to its own rows, and does nothing else. */
const tracks = 'arn:aws:dynamodb:eu-central-1:000000000000:table/tracks';
const points = ['id', 'at', 'p0', 'p15000'];
const Policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    allow('dynamodb:UpdateItem', tracks, {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['me#task'], 'dynamodb:Attributes': points },
      Null: { 'dynamodb:LeadingKeys': 'false', 'dynamodb:Attributes': 'false' },
      StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
    }),
  ],
});

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken: string };
let front: Front;
let keys: Keys;

beforeAll(async () => {
  const issuing = await startIssuing({ Tracks: table('tracks') });
  front = issuing.front;
  const { credentials } = issuing;
  const sts = new STSClient({ endpoint: front.url, region: 'eu-central-1', credentials });
  const assumed = await sts.send(
    new AssumeRoleCommand({ RoleArn: arnOf('device'), RoleSessionName: 'me', Policy, DurationSeconds: 900 }),
  );
  keys = {
    accessKeyId: String(assumed.Credentials?.AccessKeyId),
    secretAccessKey: String(assumed.Credentials?.SecretAccessKey),
    sessionToken: String(assumed.Credentials?.SessionToken),
  };
});
afterAll(() => front.stop());
afterEach(() => jest.restoreAllMocks());

const client = (change: Partial<Keys> = {}) =>
  new DynamoDBClient({
    endpoint: front.url,
    region: 'eu-central-1',
    credentials: { ...keys, ...change },
    maxAttempts: 1,
  });

const Key = { id: { S: 'me#task' }, at: { S: 'r1' } };
const append = (change: Partial<UpdateItemCommandInput> = {}) =>
  new UpdateItemCommand({
    TableName: 'tracks',
    Key,
    UpdateExpression: 'SET #p = if_not_exists(#p, :p)',
    ExpressionAttributeNames: { '#p': 'p15000' },
    ExpressionAttributeValues: { ':p': { S: '' } },
    ...change,
  });

test('a device appends to its own row', async () => {
  await expect(client().send(append())).rejects.toMatchObject(letIn);
  await expect(client().send(append({ ReturnValues: 'NONE' }))).rejects.toMatchObject(letIn);
});

const TableName = 'tracks';
const Item = { ...Key, p0: { S: '' } };
const Update = { TableName, Key, UpdateExpression: 'SET p0 = :p', ExpressionAttributeValues: { ':p': { S: '' } } };

test.each<[string, () => Promise<unknown>]>([
  ['another’s row', () => client().send(append({ Key: { ...Key, id: { S: 'you#task' } } }))],
  ['a row without an owner', () => client().send(append({ Key: { at: { S: 'r1' } } }))],
  ['an attribute that is not a point', () => client().send(append({ ExpressionAttributeNames: { '#p': 'sealed' } }))],
  [
    'an attribute named in a condition only',
    () => client().send(append({ ConditionExpression: 'attribute_exists(sealed)' })),
  ],
  ['what was there', () => client().send(append({ ReturnValues: 'ALL_OLD' }))],
  ['another table', () => client().send(append({ TableName: 'partitions' }))],
  ['a put', () => client().send(new PutItemCommand({ TableName, Item }))],
  ['a read', () => client().send(new GetItemCommand({ TableName, Key }))],
  [
    'a query',
    () =>
      client().send(
        new QueryCommand({ TableName, KeyConditionExpression: 'id = :i', ExpressionAttributeValues: { ':i': Key.id } }),
      ),
  ],
  ['a scan', () => client().send(new ScanCommand({ TableName }))],
  ['a deletion', () => client().send(new DeleteItemCommand({ TableName, Key }))],
  ['a batch', () => client().send(new BatchWriteItemCommand({ RequestItems: { tracks: [{ PutRequest: { Item } }] } }))],
  [
    'a transaction with a put',
    () => client().send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item } }] })),
  ],
  [
    'a transaction with another’s row beside its own',
    () =>
      client().send(
        new TransactWriteItemsCommand({
          TransactItems: [{ Update }, { Update: { ...Update, Key: { ...Key, id: { S: 'you#task' } } } }],
        }),
      ),
  ],
  [
    'PartiQL',
    () =>
      client().send(
        new ExecuteStatementCommand({ Statement: `UPDATE "tracks" SET p0='' WHERE id='me#task' AND at='r1'` }),
      ),
  ],
  ['a reading PartiQL', () => client().send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM "tracks"' }))],
])('a device is denied %s', async (_, ask) => {
  await expect(ask()).rejects.toMatchObject(denied);
});

test.each([
  ['another token', { sessionToken: 'other' }, 'UnrecognizedClientException'],
  ['another secret', { secretAccessKey: 'guess' }, 'InvalidSignatureException'],
])('a device with %s is not known', async (_, change, name) => {
  await expect(client(change).send(append())).rejects.toMatchObject({ name });
});

test('a device’s credentials expire', async () => {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 901_000);
  const late = new DynamoDBClient({
    ...{ endpoint: front.url, region: 'eu-central-1', credentials: keys, maxAttempts: 1 },
  });
  await expect(late.send(append())).rejects.toMatchObject({ name: 'ExpiredTokenException' });
});
