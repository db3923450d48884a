import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { LocalMeter } from '../../../local/meter';
import type { InvokeResult } from '../../../local/model';
import { Bell } from '../../../local/streams/bell';
import { Checkpoints } from '../../../local/streams/checkpoints';
import { Mapping } from '../../../local/streams/mapping';
import type { Source, StreamRecord } from '../../../local/streams/source';
import { eventSourceMapping } from '../../../local/template/schemas';

/** A stream in memory: iterators are offsets. */
class MemoryStream implements Source {
  kind = 'Kinesis' as const;
  arn = 'arn:aws:kinesis:eu-central-1:000000000000:stream/s';
  pollMs = 5;
  bell?: Bell;
  broken = false;
  readonly shard = new Map<string, StreamRecord[]>([['shard-0', []]]);
  readonly parents = new Map<string, string[]>();
  /** shards that take no more records */
  readonly shut = new Set<string>();

  /** Shuts shards; their children take what comes. */
  reshard(parents: string[], children: string[]): void {
    for (const id of parents) this.shut.add(id);
    for (const id of children) {
      this.shard.set(id, []);
      this.parents.set(id, parents);
    }
  }

  put(sequence: number, key = 'k', shard = 'shard-0'): void {
    const event = { kinesis: { sequenceNumber: String(sequence), partitionKey: key } };
    this.shard
      .get(shard)
      ?.push({ sequence: String(sequence), key, at: Date.now(), bytes: 50, event, filterable: { n: sequence } });
  }

  async shards() {
    return [...this.shard.keys()].map((id) => ({ id, parentIds: this.parents.get(id) ?? [] }));
  }

  async iterator(id: string, position: { from: string } | { after: string }) {
    const records = this.shard.get(id) ?? [];
    if ('after' in position) return String(records.findIndex(({ sequence }) => sequence === position.after) + 1);
    return String(position.from === 'LATEST' ? records.length : 0);
  }

  async read(id: string, iterator: string) {
    if (this.broken) throw new Error('engine is away');
    const records = (this.shard.get(id) ?? []).slice(Number(iterator), Number(iterator) + 7);
    const next = this.shut.has(id) && records.length === 0 ? undefined : String(Number(iterator) + records.length);
    return { records, next };
  }
}

type Handler = (sequences: string[]) => InvokeResult;

let stream: MemoryStream;
let checkpoints: Checkpoints;
let mapping: Mapping;
const mayKeep = true;
let batches: string[][];
let objects: { url: string; body: string }[];
let store: Server;
const done: InvokeResult = { ok: true, payload: null };
const thrown: InvokeResult = { ok: false, error: { errorType: 'Error', errorMessage: 'no' } };

async function start(properties: Record<string, unknown>, handler: Handler = () => done): Promise<void> {
  mapping = new Mapping({
    name: 'Map',
    uuid: 'u-1',
    functionArn: 'arn:f',
    properties: eventSourceMapping.parse({
      EventSourceArn: stream.arn,
      FunctionName: 'f',
      StartingPosition: 'TRIM_HORIZON',
      ...properties,
    }),
    source: stream,
    functions: {
      invoke: async (_, payload) => {
        const { Records } = payload as { Records: { kinesis: { sequenceNumber: string } }[] };
        const sequences = Records.map(({ kinesis }) => kinesis.sequenceNumber);
        batches.push(sequences);
        return handler(sequences);
      },
    },
    checkpoints,
    meter: new LocalMeter(),
    log: () => undefined,
    mayKeep: () => mayKeep,
    store: () => `http://127.0.0.1:${(store.address() as AddressInfo).port}`,
  });
  await mapping.start();
}

const idle = () => mapping.idle(AbortSignal.timeout(4_000));

beforeEach(async () => {
  stream = new MemoryStream();
  checkpoints = new Checkpoints(undefined);
  batches = [];
  objects = [];
  store = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    objects.push({ url: request.url ?? '', body });
    response.end();
  });
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await mapping.stop();
  store.closeAllConnections();
  store.close();
});

test('records go to the function in order, in batches of the size', async () => {
  for (let n = 1; n <= 10; n++) stream.put(n);
  await start({ BatchSize: 4, MaximumBatchingWindowInSeconds: 1 });
  await idle();
  expect(batches.map(({ length }) => length)).toEqual([4, 4, 2]);
  expect(batches.flat()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
});

test('a start at the end sees only what comes later', async () => {
  stream.put(1);
  await start({ StartingPosition: 'LATEST' });
  stream.put(2);
  await idle();
  expect(batches).toEqual([['2']]);
});

test('lanes keep the order of a key and run beside each other', async () => {
  for (let n = 0; n < 60; n++) stream.put(n, `key${n % 6}`);
  await start({ BatchSize: 3, ParallelizationFactor: 4 });
  await idle();
  for (let key = 0; key < 6; key++) {
    const seen = batches
      .flat()
      .map(Number)
      .filter((n) => n % 6 === key);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, index) => index * 6 + key));
  }
});

test('records that no filter matches are passed over', async () => {
  for (let n = 1; n <= 5; n++) stream.put(n);
  await start({ FilterCriteria: { Filters: [{ Pattern: '{"n":[2,4]}' }] } });
  await idle();
  expect(batches.flat()).toEqual(['2', '4']);
  expect(checkpoints.get('u-1', 'shard-0')).toBe('5');
});

test('a poisoned record is isolated, kept in the bucket with its payload, and does not hold up the shard', async () => {
  for (let n = 1; n <= 6; n++) stream.put(n);
  const poisoned: Handler = (sequences) => (sequences.includes('3') ? thrown : done);
  await start(
    {
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failures' } },
    },
    poisoned,
  );
  await idle();
  expect(checkpoints.get('u-1', 'shard-0')).toBe('6');
  expect(objects).toHaveLength(1);
  expect(objects[0]?.url).toMatch(
    /^\/failures\/aws\/lambda\/u-1\/shard-0\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
  );
  const document = JSON.parse(objects[0]?.body ?? '');
  expect(document).toMatchObject({
    requestContext: { functionArn: 'arn:f', condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    KinesisBatchInfo: {
      shardId: 'shard-0',
      startSequenceNumber: '3',
      endSequenceNumber: '3',
      batchSize: 1,
      streamArn: stream.arn,
    },
  });
  expect(JSON.parse(document.payload)).toEqual({ Records: [{ kinesis: { sequenceNumber: '3', partitionKey: 'k' } }] });
});

test('partial failures retry from the lowest one', async () => {
  for (let n = 1; n <= 5; n++) stream.put(n);
  let failed = false;
  const once: Handler = () => {
    if (failed) return done;
    failed = true;
    return { ok: true, payload: { batchItemFailures: [{ itemIdentifier: '4' }, { itemIdentifier: '3' }] } };
  };
  await start({ FunctionResponseTypes: ['ReportBatchItemFailures'] }, once);
  await idle();
  expect(batches).toEqual([
    ['1', '2', '3', '4', '5'],
    ['3', '4', '5'],
  ]);
});

test('a mapping goes on after its checkpoint, and from the start when told to', async () => {
  for (let n = 1; n <= 3; n++) stream.put(n);
  await start({});
  await idle();
  await mapping.stop();
  stream.put(4);
  await start({});
  await idle();
  expect(batches.flat()).toEqual(['1', '2', '3', '4']);
  await mapping.replayFromStart();
  await idle();
  expect(batches.flat().slice(4)).toEqual(['1', '2', '3', '4']);
});

test('an engine that comes back is read on from where it was left', async () => {
  stream.put(1);
  await start({});
  await idle();
  stream.broken = true;
  stream.put(2);
  await setTimeout(30);
  stream.broken = false;
  await idle();
  expect(batches).toEqual([['1'], ['2']]);
});

test('a filter pattern that is not valid is an error', async () => {
  await expect(start({ FilterCriteria: { Filters: [{ Pattern: '{"n":1}' }] } })).rejects.toThrow('is not valid');
  await start({});
});

test('children of a split or merged shard are read once their parents are, each record once', async () => {
  for (let n = 1; n <= 20; n++) stream.put(n);
  await start({ BatchSize: 5 });
  stream.reshard(['shard-0'], ['shard-1', 'shard-2']);
  for (let n = 21; n <= 40; n++) stream.put(n, 'k', `shard-${1 + (n % 2)}`);
  stream.reshard(['shard-1', 'shard-2'], ['shard-3']);
  for (let n = 41; n <= 50; n++) stream.put(n, 'k', 'shard-3');
  await idle();
  const seen = batches.flat().map(Number);
  expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  expect(seen.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(seen.slice(40)).toEqual(Array.from({ length: 10 }, (_, index) => index + 41));
});

test.each([
  ['after', '1,2 1,2 3,4 3,4 5,6 5,6'],
  ['beside', '1,2 1,2 3,4 3,4 5,6 5,6'],
  ['late', '1,2 3,4 1,2 5,6 3,4'],
] as const)('a fault delivers each batch again, %s its own delivery', async (duplicate, expected) => {
  await start({ BatchSize: 2 });
  mapping.setFaults({ duplicate, reorder: false });
  for (let n = 1; n <= 6; n++) stream.put(n);
  await idle();
  expect(batches.join(' ')).toBe(expected);
  expect(mapping.state()).toMatchObject({ invocations: 3, outstanding: 0 });
  expect(mapping.state().repeated).toBe(expected.split(' ').length - 3);
  expect(checkpoints.get('u-1', 'shard-0')).toBe('6');
});

test('a repeat that fails is of no account, a batch that fails is tried again', async () => {
  await start({ BatchSize: 6 }, () => (batches.length === 1 || batches.length === 4 ? thrown : done));
  mapping.setFaults({ duplicate: 'after', reorder: false });
  for (let n = 1; n <= 3; n++) stream.put(n);
  await idle();
  expect(mapping.state()).toMatchObject({ invocations: 2, failedInvocations: 1, givenUp: 0 });
  expect(batches).toHaveLength(4);
});

test('a fault hands records on out of order over several batches, each once, and checkpoints in order', async () => {
  await start({ BatchSize: 7, ParallelizationFactor: 1 });
  mapping.setFaults({ duplicate: 'never', reorder: true });
  for (let n = 1; n <= 60; n++) stream.put(n);
  await idle();
  const seen = batches.flat().map(Number);
  expect(seen).not.toEqual([...seen].sort((a, b) => a - b));
  expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  expect(checkpoints.get('u-1', 'shard-0')).toBe('60');
});

test('what a fault holds back is handed on where the shard ends', async () => {
  await start({});
  mapping.setFaults({ duplicate: 'never', reorder: true });
  for (let n = 1; n <= 7; n++) stream.put(n);
  stream.reshard(['shard-0'], ['shard-1']);
  stream.put(8, 'k', 'shard-1');
  await idle();
  expect(batches.flat().map(Number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

describe('a stream with a bell', () => {
  /** Until the reader has made its follow-ups and waits. */
  const quiet = async () => {
    for (let polls = -1; polls !== mapping.state().polls; await setTimeout(900)) polls = mapping.state().polls;
  };

  test('is read when it is written to, without a poll in between', async () => {
    const bell = new Bell();
    stream.bell = bell;
    await start({});
    await quiet();
    const begun = performance.now();
    stream.put(1);
    bell.ring();
    while (batches.length === 0) await setTimeout(5);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  test('is idle only when a record that nobody rang for has been through', async () => {
    stream.bell = new Bell();
    await start({});
    await quiet();
    stream.put(1);
    await idle();
    expect(batches).toEqual([['1']]);
  });
});
