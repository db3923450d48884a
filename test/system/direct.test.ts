import {
  DeleteItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { MINUTE_MS } from '../../lambdas/contract/time';
import { DirectDevice } from './direct/device';
import { DirectOutage } from './direct/outage';
import { eventually, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

let client: StackClient;
let operator: string;
let root: DynamoDBClient;
let s3: S3Client;
const run = Date.now();
const nameOf = (what: string) => `direct-${what}-${run}`;

beforeAll(async () => {
  client = new StackClient(await startedStack());
  operator = await client.token('direct-operator', 'operator');
  root = new DynamoDBClient(client.asRoot);
  s3 = new S3Client({ ...client.asRoot, forcePathStyle: true });
});
afterAll(() => {
  root?.destroy();
  s3?.destroy();
});

const track = async ({ device, task }: DirectDevice) => {
  const { body } = await client.request(`/v1/tracks/${device}/${task}`, { token: operator });
  return (body.positions ?? []) as { time: number; lat: number; lon: number; speed?: number }[];
};

const ask = async (sub: string, body: unknown) =>
  client.request('/v1/credentials', { token: await client.token(sub, 'device'), body });

test('credentials are for oneself, for a task that exists, and for an id that is one', async () => {
  const me = nameOf('asks');
  const of = async (body: unknown) => {
    const { status, body: answer } = await ask(me, body);
    return [status, answer.code];
  };
  expect(await of({ taskId: 'ride', deviceId: 'somebody-else' })).toEqual([403, 'not_yours']);
  expect(await of({ taskId: 'never-begun' })).toEqual([404, 'task_not_found']);
  for (const taskId of ['*', 'ride*', 'r?de', 'a#b', 'a/b', '']) expect(await of({ taskId })).toEqual([400, 'invalid']);
  expect(await of({ taskId: 'ride', deviceId: '*' })).toEqual([400, 'invalid']);
  expect(await of({})).toEqual([400, 'required']);
  const today = new Date().toISOString().slice(0, 10);
  expect(await of({ taskId: today })).toEqual([201, undefined]);
  const { status } = await client.request('/v1/credentials', { token: operator, body: { taskId: today } });
  expect(status).toBe(403);
});

test('what a device writes by itself is stored at once, and has the same consequences as what it reports', async () => {
  const rider = await DirectDevice.begin(client, nameOf('rides'));
  const socket = await client.socket(operator);
  await socket.ask({ type: 'subscribe', id: 'rider', device: rider.device }, ({ type }) => type === 'snapshot');
  const start = Date.now() - 5_000;
  const points = [0, 1, 2].map((index) => ({ time: start + index * 1_000, lat: 41.2, lon: -8.6 + index / 10_000 }));
  await rider.write(points);
  await rider.write(points);
  expect((await track(rider)).map(({ time }) => time)).toEqual(points.map(({ time }) => time));
  const newest = points.at(-1);
  await socket.frame(({ positions }) => positions?.some(({ time }: { time: number }) => time === newest?.time));
  await eventually(async () => {
    const { body } = await client.request(`/v1/devices/${rider.device}/position`, { token: operator });
    return body.time === newest?.time && body.task === rider.task;
  });
  await eventually(async () => {
    const { body } = await client.request(`/v1/rides/${rider.task}`, { token: rider.token });
    return body.statistics?.points === 3;
  });
  const range = `from=${start}&to=${start + 60_000}`;
  await eventually(async () => {
    const { body } = await client.request(`/v1/search?devices=${rider.device}&${range}`, { token: operator });
    return body.positions?.length === 3;
  });
  // Found by device, its task's hour has been registered.
  const { body } = await client.request(`/v1/devices/${rider.device}/tracks?${range}`, { token: operator });
  expect(body.positions).toHaveLength(3);
  socket.close();
  rider.close();
});

describe('a session', () => {
  let rider: DirectDevice;
  let other: DirectDevice;
  const minute = Math.floor(run / MINUTE_MS) * MINUTE_MS;
  const value: Parameters<DirectDevice['update']>[1] = { p1: { S: '41,-8' } };
  beforeAll(async () => {
    rider = await DirectDevice.begin(client, nameOf('denied'));
    other = await DirectDevice.begin(client, nameOf('other'));
    await other.write([{ time: minute, lat: 41, lon: -8 }]);
  });
  afterAll(() => {
    rider?.close();
    other?.close();
  });

  const keyOf = (partition: string) => ({ ...rider.key(minute), track: { S: partition } });
  const sends = (change: Parameters<DirectDevice['update']>[2], values = value) =>
    rider.dynamodb.send(rider.update(minute, values, change));
  const table = () => rider.given.table;
  const Statement = () => `UPDATE "${table()}" SET p1='x' WHERE track='${rider.device}#ride' AND minute='r29714400'`;
  const query = (partition: string) =>
    new QueryCommand({
      TableName: table(),
      KeyConditionExpression: 'track = :t',
      ExpressionAttributeValues: { ':t': { S: partition } },
    });

  test.each<[string, () => Promise<unknown>]>([
    ['another owner’s key', () => sends({ Key: keyOf(`${other.device}#ride`) })],
    ['another task', () => sends({ Key: keyOf(`${rider.device}#other`) })],
    ['its registry', () => sends({ Key: keyOf(rider.device) })],
    ['another attribute', () => sends({}, { ...value, full: { S: '' } })],
    ['the mark of our own writes', () => sends({}, { ...value, w: { S: '' } })],
    ['what it gets back', () => sends({ ReturnValues: 'ALL_NEW' })],
    ['a scan', () => rider.dynamodb.send(new ScanCommand({ TableName: table() }))],
    ['a query of others', () => rider.dynamodb.send(query(`${other.device}#ride`))],
    ['a query of its own', () => rider.dynamodb.send(query(`${rider.device}#ride`))],
    ['a read', () => rider.dynamodb.send(new GetItemCommand({ TableName: table(), Key: rider.key(minute) }))],
    ['a put', () => rider.dynamodb.send(new PutItemCommand({ TableName: table(), Item: rider.key(minute) }))],
    ['a deletion', () => rider.dynamodb.send(new DeleteItemCommand({ TableName: table(), Key: rider.key(minute) }))],
    ['PartiQL', () => rider.dynamodb.send(new ExecuteStatementCommand({ Statement: Statement() }))],
  ])('is denied %s', async (_, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('is itself and nobody else: altered, or with another’s secret, it is not known', async () => {
    const { credentials, region, endpoint } = rider.given;
    const theirs = other.given.credentials;
    const as = (change: Partial<typeof credentials>) => {
      const options = { ...(endpoint !== undefined && { endpoint }), region, maxAttempts: 1 };
      return new DynamoDBClient({ ...options, credentials: { ...credentials, ...change } }).send(
        rider.update(minute, value),
      );
    };
    const altered = `${credentials.sessionToken.slice(0, -4)}AAAA`;
    await expect(as({ sessionToken: altered })).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await expect(as({ sessionToken: theirs.sessionToken })).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    await expect(as({ secretAccessKey: theirs.secretAccessKey })).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
  });

  test('is named after its device', async () => {
    const { credentials, region, endpoint } = rider.given;
    const sts = new STSClient({ credentials, region, ...(endpoint !== undefined && { endpoint }) });
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    expect(Arn).toMatch(new RegExp(`/${rider.device}$`));
  });
});

/** Everything that was set aside of a device, as an operator finds it. */
async function setAside(device: string): Promise<{ row: string; faults: { name: string; code: string }[] }[]> {
  const { grants } = await client.control('GET', 'permissions');
  const grant = grants.find(({ resource }: { resource: string }) => resource.endsWith('/refused/*'));
  const Bucket = grant.resource.split(':::')[1].split('/')[0];
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'refused/' }));
  const notes = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return JSON.parse((await Body?.transformToString()) ?? '[]');
    }),
  );
  return notes.flat().filter((note) => note.device === device);
}

async function rowOf(rider: DirectDevice, minute: number) {
  const { Item } = await root.send(
    new GetItemCommand({ TableName: rider.given.table, Key: rider.key(minute), ConsistentRead: true }),
  );
  return Item ?? {};
}

test('what can’t stay is set aside with the reason and taken out again; good points beside it stay', async () => {
  const rider = await DirectDevice.begin(client, nameOf('wrong'));
  const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  await rider.write([{ time: minute, lat: 41.2, lon: -8.6 }]);
  await rider.dynamodb.send(
    rider.update(minute, {
      p1: { S: 'nowhere' },
      p2: { S: '0,0' },
      p3: { N: '1e100' },
      p4x: { S: '41.2,-8.6' },
      p5: { S: '41.2,-8.6,,,361' },
      p6: { S: '41.2,-8.6' },
    }),
  );
  await rider.dynamodb.send(rider.update(minute + 10 * MINUTE_MS, { p0: { S: '41.2,-8.6' } }));
  await rider.dynamodb.send(
    rider.update(
      minute,
      {},
      {
        UpdateExpression: 'SET p0 = :p, #e = :e',
        ExpressionAttributeNames: { '#e': 'expires' },
        ExpressionAttributeValues: { ':p': { S: '1,1' }, ':e': { N: '5' } },
      },
    ),
  );
  await client.settled();
  const row = await rowOf(rider, minute);
  expect(
    Object.keys(row)
      .filter((name) => name.startsWith('p'))
      .sort(),
  ).toEqual(['p0', 'p6']);
  expect([row.p0?.S, Number(row.expires?.N) > Date.now() / 1_000]).toEqual(['41.2,-8.6', true]);
  const ahead = await rowOf(rider, minute + 10 * MINUTE_MS);
  expect(Object.keys(ahead)).not.toContain('p0');
  const codes = (await setAside(rider.device)).flatMap(({ faults }) =>
    faults.map(({ name, code }) => `${name} ${code}`),
  );
  expect([...new Set(codes)].sort()).toEqual([
    'expires wrong_expiry',
    'p0 overwritten',
    'p0 time_in_future',
    'p1 not_a_point',
    'p2 null_island',
    'p3 wrong_type',
    'p4x wrong_name',
    'p5 not_a_point',
  ]);
  expect((await track(rider)).map(({ time }) => time - minute)).toEqual([0, 6]);
  const { body } = await client.request(
    `/v1/search?devices=${rider.device}&from=${minute}&to=${minute + 60 * MINUTE_MS}`,
    { token: operator },
  );
  expect(body.positions.map(({ time }: { time: number }) => time - minute)).toEqual([0, 6]);
  expect(await client.control('GET', 'failures')).toEqual([]);
  rider.close();
});

test('a device whose writes can’t stay gets no more credentials that day; by the API it goes on', async () => {
  const rider = await DirectDevice.begin(client, nameOf('distrusted'));
  const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const wrong = Array.from({ length: 100 }, (_, index) => [`p${index}`, { S: '0,0' }]);
  await rider.dynamodb.send(rider.update(minute, Object.fromEntries(wrong)));
  const refused = await eventually(async () => {
    const answer = await ask(rider.device, { taskId: rider.task });
    return answer.status === 403 && answer;
  });
  expect(refused.body).toMatchObject({ code: 'direct_write_suspended', detail: expect.stringMatching(/^100 points/) });
  const point = { time: Date.now(), lat: 41.2, lon: -8.6 };
  const body = { taskId: rider.task, points: [point] };
  expect((await client.request('/v1/positions', { token: rider.token, body })).status).toBe(202);
  await client.settled();
  expect((await track(rider)).map(({ time }) => time)).toEqual([point.time]);
  rider.close();
});

test('the API is wholly down while devices go on writing: nothing is lost or doubled, and soon all is right', async () => {
  const outage = new DirectOutage(client, { devices: 10, seconds: 8, pointMs: 250, writeMs: 1_000 });
  await outage.prepare(nameOf('away'));
  await outage.strike();
  await outage.soonRight(operator);
  expect(await outage.nothingLost(operator)).toBeGreaterThan(100);
  outage.close();
});
