import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Stack, startStack } from '../../../local/start';
import { type Fixture, makeFixture } from './fixture';

jest.setTimeout(120_000);

let fixture: Fixture;
let stack: Stack;
let kinesis: KinesisClient;
let dynamodb: DynamoDBClient;

async function start(): Promise<void> {
  stack = await startStack({ assembly: fixture.assembly, dataDir: join(fixture.folder, 'data') });
  const options = { endpoint: stack.aws, region: 'eu-central-1', credentials: stack.credentials };
  kinesis = new KinesisClient(options);
  dynamodb = new DynamoDBClient(options);
}

async function stop(): Promise<void> {
  kinesis.destroy();
  dynamodb.destroy();
  await stack.stop();
}

beforeAll(async () => {
  fixture = makeFixture();
  await start();
});
afterAll(async () => {
  await stop();
  rmSync(fixture.folder, { recursive: true });
});

async function put(...records: { id: string; poison?: boolean; expires?: number }[]): Promise<void> {
  const Records = records.map((record) => ({ Data: Buffer.from(JSON.stringify(record)), PartitionKey: 'one' }));
  await kinesis.send(new PutRecordsCommand({ StreamName: stack.template.find('Positions').ref, Records }));
  expect(await stack.idle()).toBe(true);
}

async function ids(): Promise<string[]> {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: stack.template.find('Table').ref }));
  return Items.map(({ id }) => String(id?.S)).sort();
}

interface Seen {
  eventName?: string;
  eventSourceARN?: string;
  dynamodb?: { Keys: { id: { S: string } }; NewImage?: unknown; SequenceNumber: string };
  userIdentity?: unknown;
  kinesis?: { data: string };
  'detail-type'?: string;
}

function seen(file: string): Seen[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): Seen => JSON.parse(line));
}

const control = (method: string, path: string) => fetch(`${stack.aws}/_local/${path}`, { method });

test('a record goes from the stream to the table, and its change on to the next function', async () => {
  await put({ id: 'a' }, { id: 'b' });
  expect(await ids()).toEqual(['a', 'b']);
  const changes = seen(fixture.seen.changes);
  expect(changes.map(({ eventName, dynamodb: change }) => [eventName, change?.Keys.id.S])).toEqual([
    ['INSERT', 'a'],
    ['INSERT', 'b'],
  ]);
  expect(changes[0]).toMatchObject({
    eventSource: 'aws:dynamodb',
    eventSourceARN: stack.template.find('Table').attributes.StreamArn,
    dynamodb: { NewImage: { id: { S: 'a' } }, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
});

test('a consumer with enhanced fan-out sees the same records under its own ARN', () => {
  const records = seen(fixture.seen.fan);
  expect(records.map((record) => JSON.parse(Buffer.from(record.kinesis?.data ?? '', 'base64').toString()).id)).toEqual([
    'a',
    'b',
  ]);
  expect(records[0]?.eventSourceARN).toBe(stack.template.find('Consumer').ref);
});

test('the meter has the units of each function', () => {
  const lines = stack.meter.snapshot();
  expect(lines).toContainEqual(
    expect.objectContaining({
      service: 'dynamodb',
      action: 'PutItem',
      function: 'Writer',
      calls: 2,
      units: expect.objectContaining({ writeUnits: 2 }),
    }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({ service: 'kinesis', action: 'PutRecords', function: 'root', calls: 1 }),
  );
});

test('a poisoned record is kept in the bucket, the others pass, and redrive stores it once mended', async () => {
  await put({ id: 'c' }, { id: 'bad', poison: true }, { id: 'd' });
  expect(await ids()).toEqual(['a', 'b', 'c', 'd']);
  const kept: unknown = await (await control('GET', 'failures')).json();
  expect(kept).toMatchObject([{ condition: 'RetryAttemptsExhausted', records: [{ eventSource: 'aws:kinesis' }] }]);
  const early: unknown = await (await control('POST', 'failures')).json();
  expect(early).toMatchObject([{ records: 1, remaining: [expect.stringContaining('reports it as failed')] }]);
  writeFileSync(fixture.mended, '');
  const late: unknown = await (await control('POST', 'failures')).json();
  expect(late).toMatchObject([{ records: 1, remaining: [] }]);
  expect(await ids()).toEqual(['a', 'b', 'bad', 'c', 'd']);
  expect(await (await control('GET', 'failures')).json()).toEqual([]);
});

test('the stream replayed from its start runs every record again and changes no item', async () => {
  const before = await ids();
  const calls = stack.mappings.find(({ name }) => name === 'WriterSource')?.state().records ?? 0;
  expect((await control('POST', 'mappings/writer/replay')).status).toBe(200);
  expect(await stack.idle()).toBe(true);
  const after = stack.mappings.find(({ name }) => name === 'WriterSource')?.state().records ?? 0;
  expect(after - calls).toBe(5);
  expect(await ids()).toEqual(before);
});

test('an object that is put anew meanwhile is read in one version or the other, whole', async () => {
  const { aws: endpoint, credentials } = stack;
  const s3 = new S3Client({ endpoint, region: 'eu-central-1', credentials, forcePathStyle: true });
  const object = { Bucket: stack.template.find('Failed').ref, Key: 'versions' };
  const put = (n: number) =>
    s3.send(new PutObjectCommand({ ...object, Body: JSON.stringify(Array(2_000 + n).fill(n)) }));
  const read = async (): Promise<number[]> =>
    JSON.parse((await (await s3.send(new GetObjectCommand(object))).Body?.transformToString()) ?? '');
  await put(0);
  for (let round = 1; round <= 40; round++) {
    const [, ...seen] = await Promise.all([put(round), ...Array.from({ length: 8 }, read)]);
    for (const [first = -1, ...rest] of seen) expect([first, rest.length]).toEqual([first, 2_000 + first - 1]);
  }
  s3.destroy();
});

test('a schedule fires on demand with the event of EventBridge', async () => {
  expect((await control('POST', 'schedules/daily/fire')).status).toBe(200);
  const until = Date.now() + 10_000;
  while (seen(fixture.seen.tick).length === 0 && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen(fixture.seen.tick)).toMatchObject([{ 'detail-type': 'Scheduled Event', source: 'aws.events' }]);
});

test('an item whose time is over leaves as a removal by the service', async () => {
  await put({ id: 'short', expires: Math.floor(Date.now() / 1000) - 60 });
  const removed = (): Seen | undefined => seen(fixture.seen.changes).find(({ eventName }) => eventName === 'REMOVE');
  const until = Date.now() + 90_000;
  while (!removed() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 500));
  expect(removed()).toMatchObject({ userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } });
});

test('a restart on kept data goes on where it was and repeats nothing', async () => {
  const before = seen(fixture.seen.changes).length;
  await stop();
  await start();
  await put({ id: 'e' });
  expect(await ids()).toContain('e');
  expect(await ids()).toContain('a');
  const changes = seen(fixture.seen.changes).slice(before);
  expect(changes.map(({ dynamodb: change }) => change?.Keys.id.S)).toEqual(['e']);
});
