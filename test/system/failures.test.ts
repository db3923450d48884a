import { KinesisClient, ListStreamsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { encodeBatch } from '../../lambdas/contract/batch';
import { eventually, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

interface Failure {
  bucket: string;
  key: string;
  functionArn: string;
  condition: string;
  records: { kinesis: { data: string } }[];
}

let client: StackClient;
let operator: string;
let kinesis: KinesisClient;
let s3: S3Client;

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  operator = await client.token('olga', 'operator');
  kinesis = new KinesisClient(client.asRoot);
  s3 = new S3Client({ ...client.asRoot, forcePathStyle: true });
});
afterAll(() => {
  kinesis?.destroy();
  s3?.destroy();
});

/** Puts records into one shard in this order, by one call. */
async function put(...data: Uint8Array[]): Promise<void> {
  const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({}));
  const StreamName = StreamNames.find((name) => /position/i.test(name));
  const Records = data.map((Data) => ({ Data, PartitionKey: 'poisoned' }));
  const { FailedRecordCount } = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  expect(FailedRecordCount).toBe(0);
}

const start = Date.now();
const device = `poisoned-${start}`;
const record = (index: number) =>
  encodeBatch({
    device,
    task: 'shift',
    at: start,
    points: [{ time: start + index, lat: -45, lon: 70 + index / 1_000 }],
  });

/** Times of the device's points, as its track tells. */
async function stored(): Promise<number[]> {
  const { body } = await client.request(`/v1/tracks/${device}/shift`, { token: operator });
  return (body.positions ?? []).map(({ time }: { time: number }) => time - start);
}

const failures = (): Promise<Failure[]> => client.control('GET', 'failures');
const mapping = async (part: RegExp) => {
  const { mappings } = await client.control('GET', 'status');
  return mappings.find(({ name }: { name: string }) => part.test(name));
};

async function read({ bucket, key }: Failure) {
  const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return JSON.parse((await object.Body?.transformToString()) ?? '');
}

/** What an operator does by hand: the same object, its record's data mended. */
async function mend(failure: Failure, data: Uint8Array): Promise<void> {
  const document = await read(failure);
  const { Records } = JSON.parse(document.payload);
  Records[0].kinesis.data = Buffer.from(data).toString('base64');
  const Body = JSON.stringify({ ...document, payload: JSON.stringify({ Records }) });
  await s3.send(new PutObjectCommand({ Bucket: failure.bucket, Key: failure.key, Body }));
}

test('a poisoned record is set apart after its tries, and stored by a redrive once it is mended', async () => {
  const before = await mapping(/tracks/i);
  await put(record(0), record(1), Buffer.from(`{"v":1,"device":"${device}"`), record(3), record(4));
  await client.settled();

  // The rest of its batch, before it and after it, is there, once.
  expect(await stored()).toEqual([0, 1, 3, 4]);
  const after = await mapping(/tracks/i);
  expect(after.givenUp - before.givenUp).toBe(1);
  expect(after.outstanding).toBe(0);

  // Each consumer of the stream keeps it: alone, tried three times.
  const kept = await failures();
  expect(kept.map(({ functionArn }) => /(Live|Tracks)OnPositions/.exec(functionArn)?.[1]).sort()).toEqual([
    'Live',
    'Tracks',
  ]);
  for (const failure of kept) {
    expect(failure).toMatchObject({ condition: 'RetryAttemptsExhausted', records: [{ eventSource: 'aws:kinesis' }] });
    expect((await read(failure)).requestContext.approximateInvokeCount).toBe(3);
    expect(Buffer.from(failure.records[0]?.kinesis.data ?? '', 'base64').toString()).toContain(device);
  }

  // Unmended it stays, and says why.
  const early = await client.control('POST', 'failures');
  expect(early).toMatchObject([{ remaining: [expect.any(String)] }, { remaining: [expect.any(String)] }]);
  expect((await failures()).map(({ key }) => key)).toEqual(kept.map(({ key }) => key));
  expect(await stored()).toEqual([0, 1, 3, 4]);

  for (const failure of kept) await mend(failure, record(2));
  const late = await client.control('POST', 'failures');
  expect(late).toMatchObject([
    { records: 1, remaining: [] },
    { records: 1, remaining: [] },
  ]);
  expect(await failures()).toEqual([]);
  expect(await stored()).toEqual([0, 1, 2, 3, 4]);
});

test('the mended record is indexed as all others are', async () => {
  await client.settled();
  const path = `/v1/search?devices=${device}&from=${start}&to=${start + 10}`;
  const indexed = async () => (await client.request(path, { token: operator })).body.positions;
  // An index shows what was written to it within a second.
  await eventually(async () => (await indexed()).length === 5);
  expect((await indexed()).map(({ time }: { time: number }) => time - start)).toEqual([0, 1, 2, 3, 4]);
});
