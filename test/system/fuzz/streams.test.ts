import { KinesisClient, ListStreamsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { decodeBatch, encodeBatch } from '../../../lambdas/contract/batch';
import { eventually, StackClient, startedStack } from '../stack';
import { anyBytes, nearlyJson, nearlyText, record } from './inputs';
import { crashes, healthOf, tryAll } from './stack-judge';

jest.setTimeout(300_000);

const STACK = 'proofs';
const start = Date.now();
const device = `fuzz-good-${start}`;
let client: StackClient;
let operator: string;
let kinesis: KinesisClient;
let s3: S3Client;

beforeAll(async () => {
  client = new StackClient(await startedStack(STACK));
  operator = await client.token('fuzz-operator', 'operator');
  kinesis = new KinesisClient(client.asRoot);
  s3 = new S3Client({ ...client.asRoot, forcePathStyle: true });
});
afterAll(() => {
  kinesis?.destroy();
  s3?.destroy();
});

interface Failure {
  bucket: string;
  key: string;
  records: { kinesis?: { data: string } }[];
}
const failures = (): Promise<Failure[]> => client.control('GET', 'failures');

const data = fc.oneof(
  { arbitrary: nearlyJson(record).map((value) => Buffer.from(JSON.stringify(value) ?? '')), weight: 5 },
  { arbitrary: nearlyText(record).map((text) => Buffer.from(text)), weight: 3 },
  { arbitrary: anyBytes, weight: 2 },
);

const readable = (bytes: Uint8Array): boolean => {
  try {
    decodeBatch(bytes);
    return true;
  } catch {
    return false;
  }
};

/** An event of records, each with a good one behind it. */
const eventOf = (all: Buffer[]) => ({
  Records: all.map((bytes, index) => ({
    eventSource: 'aws:kinesis',
    eventID: `shardId-0:${index}`,
    kinesis: { sequenceNumber: String(index), partitionKey: 'fuzz', data: bytes.toString('base64') },
  })),
});

test.each([
  ['Tracks', 'TracksOnPositions'],
  ['Live', 'LiveOnPositions'],
])('%s names the records that it can’t read, and no other', async (_, door) => {
  const several = fc.array(data, { minLength: 10, maxLength: 10 });
  await tryAll(`events of ten records for ${door}`, 56, several, async (all) => {
    const answer = await client.control('POST', `functions/${door}/invoke`, eventOf(all));
    const failed = answer.payload?.batchItemFailures
      ?.map(({ itemIdentifier }: { itemIdentifier: string }) => itemIdentifier)
      .sort();
    const unreadable = all.flatMap((bytes, index) => (readable(bytes) ? [] : [String(index)])).sort();
    expect({ ok: answer.ok, failed }).toEqual({ ok: true, failed: unreadable });
  });
});

test('records among which are good ones: those arrive, the others are set apart, and the shards go on', async () => {
  const before = await healthOf(client);
  const crashed = crashes(STACK).length;
  const earlier = new Set((await failures()).map(({ key }) => key));
  const good = (time: number) => encodeBatch({ device, task: 't', at: start, points: [{ time, lat: -31, lon: 101 }] });
  const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({}));
  const StreamName = StreamNames.find((name) => /position/i.test(name));
  const bad: string[] = [];
  const times: number[] = [];
  await tryAll(
    'records in the stream',
    20,
    data.filter((bytes) => bytes.length > 0),
    async (bytes) => {
      const time = start + times.length;
      times.push(time);
      if (!readable(bytes)) bad.push(bytes.toString('base64'));
      const Records = [bytes, good(time)].map((Data, index) => ({
        Data,
        PartitionKey: `fuzz-${(times.length + index) % 7}`,
      }));
      await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    },
  );
  await client.settled(200_000);

  const stored = async () =>
    (await client.request(`/v1/tracks/${device}/t?limit=10000`, { token: operator })).body.positions?.map(
      ({ time }: { time: number }) => time,
    );
  expect(await stored()).toEqual([...times].sort((a, b) => a - b));
  const after = await healthOf(client);
  // Each of the stream's two consumers keeps each, alone.
  const kept = (await failures()).filter(({ key }) => !earlier.has(key));
  const data64 = kept.flatMap(({ records }) => records.flatMap(({ kinesis: each }) => each?.data ?? []));
  expect(data64.sort()).toEqual([...bad, ...bad].sort());
  expect(after.givenUp - before.givenUp).toBe(2 * bad.length);
  expect(crashes(STACK).slice(crashed)).toEqual([]);
  // Nobody will mend these, and others look at what is kept.
  for (const { bucket, key } of kept) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));

  const next = { time: start + times.length, lat: -31, lon: 101 };
  await client.report([{ deviceId: device, taskId: 't', points: [next] }]);
  await eventually(async () => (await stored()).length === times.length + 1);
});
