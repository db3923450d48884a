import { kinesisNeeds, NotPermitted, permitted, tableNeeds } from '../../../local/streams/permitted';
import type { Source } from '../../../local/streams/source';

const arn = 'arn:aws:kinesis:eu-central-1:000000000000:stream/s';
const consumer = `${arn}/consumer/c:1`;
const table = 'arn:aws:dynamodb:eu-central-1:000000000000:table/t/stream/1';
const signal = new AbortController().signal;
const source: Source = {
  kind: 'Kinesis',
  arn,
  pollMs: 1,
  shards: async () => [],
  iterator: async () => 'i',
  read: async () => ({ records: [], next: undefined }),
};

const readers: readonly (readonly [string, ReturnType<typeof tableNeeds>, readonly string[]])[] = [
  [
    'a stream',
    kinesisNeeds(arn, undefined),
    ['DescribeStream', 'DescribeStreamSummary', 'ListShards', 'GetShardIterator', 'GetRecords'].map(
      (each) => `kinesis:${each} ${arn}`,
    ),
  ],
  [
    'a consumer of its own',
    kinesisNeeds(arn, consumer),
    [
      ...['DescribeStream', 'DescribeStreamSummary', 'ListShards', 'GetShardIterator', 'GetRecords'].map(
        (each) => `kinesis:${each} ${arn}`,
      ),
      `kinesis:SubscribeToShard ${consumer}`,
    ],
  ],
  [
    'a table’s stream',
    tableNeeds(table),
    ['DescribeStream', 'ListStreams', 'GetShardIterator', 'GetRecords'].map((each) => `dynamodb:${each} ${table}`),
  ],
];

test.each(readers)('%s is read with all that Lambda asks for, and with nothing less', async (_, needs, granted) => {
  const read = async (allowed: readonly string[]): Promise<string | undefined> => {
    const held = permitted(source, needs, (action, resource) => allowed.includes(`${action} ${resource}`));
    await held.shards(signal);
    await held.read('s', await held.iterator('s', { from: 'LATEST' }, signal), signal);
    return held.problem?.();
  };
  expect(await read(granted)).toBeUndefined();
  for (const missing of granted) {
    await expect(read(granted.filter((each) => each !== missing))).rejects.toBeInstanceOf(NotPermitted);
  }
});

test('the problem names what is missing, until it is granted', async () => {
  let allowed = false;
  const held = permitted(source, kinesisNeeds(arn, undefined), () => allowed);
  await expect(held.read('s', 'i', signal)).rejects.toThrow('GetRecords');
  expect(held.problem?.()).toBe(
    `PROBLEM: Cannot access stream ${arn}. Please ensure the role can perform the GetRecords Actions on your stream in IAM.`,
  );
  allowed = true;
  await held.read('s', 'i', signal);
  expect(held.problem?.()).toBeUndefined();
});
