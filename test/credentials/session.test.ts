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
import { STSClient } from '@aws-sdk/client-sts';
import { Issuer } from '../../lambdas/credentials/store';
import type { Front } from '../../local/front';
import { arnOf, denied, letIn, startIssuing } from '../local/front/fixture';

/** The session that a device gets, as the issuer makes it, before the local stack's rules. No engine is behind them. */
const tracks = 'arn:aws:dynamodb:eu-central-1:000000000000:table/tracks';
const region = 'eu-central-1';
let front: Front;
let issuer: Issuer;
let keys: Awaited<ReturnType<Issuer['issue']>>['credentials'];

const tableOf = (TableName: string, partition: string, sort: string) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName,
    AttributeDefinitions: [partition, sort].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: partition, KeyType: 'HASH' },
      { AttributeName: sort, KeyType: 'RANGE' },
    ],
  },
});

beforeAll(async () => {
  const tables = { Tracks: tableOf('tracks', 'track', 'minute'), Rides: tableOf('rides', 'owner', 'ride') };
  const issuing = await startIssuing(tables);
  front = issuing.front;
  const { credentials } = issuing;
  issuer = new Issuer(new STSClient({ endpoint: front.url, region, credentials }), arnOf('device'), tracks, 900);
  keys = (await issuer.issue('me', 'task')).credentials;
});
afterAll(() => front.stop());
afterEach(() => jest.restoreAllMocks());

const client = (change: Partial<typeof keys> = {}) =>
  new DynamoDBClient({ endpoint: front.url, region, credentials: { ...keys, ...change }, maxAttempts: 1 });

const TableName = 'tracks';
const Key = { track: { S: 'me#task' }, minute: { S: 'r29714400' } };
const append = (change: Partial<UpdateItemCommandInput> = {}, name = 'p15000') =>
  new UpdateItemCommand({
    TableName,
    Key,
    UpdateExpression: `SET #e = if_not_exists(#e, :e), ${name} = if_not_exists(${name}, :0)`,
    ExpressionAttributeNames: { '#e': 'expires' },
    ExpressionAttributeValues: { ':e': { N: '1' }, ':0': { S: '41,-8' } },
    ...change,
  });
const of = (track: string) => append({ Key: { ...Key, track: { S: track } } });

test.each(['p0', 'p7', 'p15000', 'p59999'])('a device adds %s to its own row', async (name) => {
  await expect(client().send(append({}, name))).rejects.toMatchObject(letIn);
  await expect(client().send(append({ ReturnValues: 'NONE' }, name))).rejects.toMatchObject(letIn);
});

const Item = { ...Key, p0: { S: '' } };
const Update = { TableName, Key, UpdateExpression: 'SET p0 = :p', ExpressionAttributeValues: { ':p': { S: '' } } };
const sets = (name: string) =>
  append({
    UpdateExpression: 'SET #x = :x',
    ExpressionAttributeNames: { '#x': name },
    ExpressionAttributeValues: { ':x': { S: '' } },
  });
const query = (track: string) =>
  new QueryCommand({
    TableName,
    KeyConditionExpression: 'track = :t',
    ExpressionAttributeValues: { ':t': { S: track } },
  });

test.each<[string, () => Promise<unknown>]>([
  ['another owner’s row', () => client().send(of('you#task'))],
  ['a row of another task', () => client().send(of('me#other'))],
  ['a row whose key only begins like its own', () => client().send(of('me#task2'))],
  ['a row of a task that is a pattern', () => client().send(of('me#*'))],
  ['its registry of tasks', () => client().send(of('me'))],
  ['a row without an owner', () => client().send(append({ Key: { minute: { S: 'r29714400' } } }))],
  ['another table', () => client().send(append({ TableName: 'rides' }))],
  ['the mark of who wrote', () => client().send(sets('w'))],
  ['the count of mendings', () => client().send(sets('m'))],
  ['the mark of a full row', () => client().send(sets('full'))],
  ['who reported', () => client().send(sets('reporters'))],
  ['a name longer than a point’s', () => client().send(sets('p123456'))],
  ['an attribute in a condition', () => client().send(append({ ConditionExpression: 'attribute_exists(w)' }))],
  ['what was there', () => client().send(append({ ReturnValues: 'ALL_OLD' }))],
  ['what is there', () => client().send(append({ ReturnValues: 'ALL_NEW' }))],
  ['a put', () => client().send(new PutItemCommand({ TableName, Item }))],
  ['a read', () => client().send(new GetItemCommand({ TableName, Key }))],
  ['a query of its own', () => client().send(query('me#task'))],
  ['a query of others', () => client().send(query('you#task'))],
  ['a scan', () => client().send(new ScanCommand({ TableName }))],
  ['a deletion', () => client().send(new DeleteItemCommand({ TableName, Key }))],
  ['a batch', () => client().send(new BatchWriteItemCommand({ RequestItems: { tracks: [{ PutRequest: { Item } }] } }))],
  ['a transaction', () => client().send(new TransactWriteItemsCommand({ TransactItems: [{ Update }] }))],
  [
    'PartiQL that writes',
    () =>
      client().send(
        new ExecuteStatementCommand({ Statement: `UPDATE "tracks" SET p0='' WHERE track='me#task' AND minute='r1'` }),
      ),
  ],
  ['PartiQL that reads', () => client().send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM "tracks"' }))],
])('a device is denied %s', async (_, ask) => {
  await expect(ask()).rejects.toMatchObject(denied);
});

test.each([
  ['another token', { sessionToken: 'other' }, 'UnrecognizedClientException'],
  ['another secret', { secretAccessKey: 'guess' }, 'InvalidSignatureException'],
  ['another’s key id', { accessKeyId: 'ASIA0000000000000001' }, 'UnrecognizedClientException'],
])('a session with %s is not known', async (_, change, name) => {
  await expect(client(change).send(append())).rejects.toMatchObject({ name });
});

test('a session ends', async () => {
  const late = client();
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 901_000);
  await expect(late.send(append())).rejects.toMatchObject({ name: 'ExpiredTokenException' });
});

test('a session lasts as long as it was asked for, and the longest ids fit', async () => {
  const { expiresAt } = await issuer.issue('d'.repeat(64), 't'.repeat(64));
  expect(Math.abs(expiresAt - Date.now() - 900_000)).toBeLessThan(60_000);
});
