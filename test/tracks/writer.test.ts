import type { PositionBatch } from '../../lambdas/contract/batch';
import { lines } from '../../lambdas/platform/log';
import type { Registration, RowAppend } from '../../lambdas/tracks/decide';
import { Recent } from '../../lambdas/tracks/recent';
import { TrackWriter } from '../../lambdas/tracks/writer';
import { DAY, HOUR, START } from './arbitraries';

const point = (time: number) => ({ time, lat: 1, lon: 2 });
const batch = (task: string, times: number[], by?: string): PositionBatch => ({
  device: 'd',
  task,
  at: START,
  points: times.map(point),
  ...(by !== undefined && { by }),
});
const received = (...list: PositionBatch[]) => list.map((value, index) => ({ sequence: `s${index}`, value }));

const throttled = () => Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: {} });
const invalid = () => Object.assign(new Error('no such key'), { name: 'ValidationException', $metadata: {} });
const none = new Set<string>();

/** A store that writes down what it is told, in order, and fails where asked. */
function recorder(fails: (call: string) => boolean = () => false, failure = throttled) {
  const calls: string[] = [];
  const call = async (name: string) => {
    calls.push(name);
    if (fails(name)) throw failure();
  };
  return {
    calls,
    register: ({ task, hour, by }: Registration) =>
      call(`register ${task} ${(hour - START) / HOUR} ${by ?? ''}`.trim()),
    append: ({ task, minute, points }: RowAppend) => call(`append ${task} ${(minute - START) / 60_000} ${points.size}`),
  };
}

let logged: jest.SpyInstance[];
beforeEach(() => {
  logged = [jest.spyOn(lines, 'error').mockReturnValue(), jest.spyOn(lines, 'log').mockReturnValue()];
});
afterEach(() => jest.restoreAllMocks());

test('a row is written once an invocation, after its task is registered', async () => {
  const store = recorder();
  const failed = await new TrackWriter(store, 30).write(
    received(batch('a', [START, START + 1]), batch('a', [START + 1, START + 60_000], 'feeder')),
    START,
  );
  expect(failed).toEqual({ refused: none, later: none, progress: true });
  expect(store.calls).toEqual(['register a 0', 'register a 0 feeder', 'append a 0 2', 'append a 1 1']);
});

test('rows of a track are written one after the other in order of time, whatever their order was', async () => {
  let [under, most] = [0, 0];
  const calls: number[] = [];
  const append = async ({ minute }: RowAppend) => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setImmediate(resolve));
    calls.push((minute - START) / 60_000);
    under -= 1;
  };
  const minutes = [3, 0, 2, 1].map((minute) => START + minute * 60_000);
  const store = { append, register: async () => undefined };
  await new TrackWriter(store, 30).write(received(batch('a', minutes)), START);
  expect({ calls, most }).toEqual({ calls: [0, 1, 2, 3], most: 1 });
  await new TrackWriter(store, 30).write(received(batch('a', minutes), batch('b', minutes)), START);
  expect(most).toBe(2);
});

test('behind a row that the table does not take now, none of its track is tried', async () => {
  const store = recorder((call) => call.startsWith('append a 1'));
  const list = received(...[0, 1, 2].map((minute) => batch('a', [START + minute * 60_000])), batch('b', [START]));
  const { later } = await new TrackWriter(store, 30).write(list, START);
  expect(later).toEqual(new Set(['s1', 's2']));
  expect(store.calls).not.toContain('append a 2 1');
  expect(store.calls).toContain('append b 0 1');
});

test('what an instance has registered it does not register again', async () => {
  const store = recorder();
  const writer = new TrackWriter(store, 30);
  await writer.write(received(batch('a', [START])), START);
  await writer.write(received(batch('a', [START + 1, START + HOUR])), START);
  expect(store.calls.filter((call) => call.startsWith('register'))).toEqual(['register a 0', 'register a 1']);
});

test('a row that fails reports exactly the records that had a part in it, and the others are written', async () => {
  const store = recorder((call) => call.startsWith('append a 1'));
  const failed = await new TrackWriter(store, 30).write(
    received(
      batch('a', [START]),
      batch('a', [START + 60_000]),
      batch('b', [START]),
      batch('a', [START, START + 60_001]),
    ),
    START,
  );
  expect(failed).toEqual({ refused: none, later: new Set(['s1', 's3']), progress: true });
  expect(store.calls).toEqual(expect.arrayContaining(['append a 0 1', 'append b 0 1']));
});

test('where the registry fails, no row is written that a reader could not find', async () => {
  const store = recorder((call) => call.startsWith('register a'));
  const writer = new TrackWriter(store, 30);
  const failed = await writer.write(received(batch('a', [START]), batch('b', [START])), START);
  expect(failed.later).toEqual(new Set(['s0']));
  expect(store.calls).toEqual(['register a 0', 'register b 0', 'append b 0 1']);
});

test('where one of two registrations fails, what the other covers is written', async () => {
  const store = recorder((call) => call === 'register a 0 feeder');
  const list = received(batch('a', [START]), batch('a', [START + 1], 'feeder'));
  expect((await new TrackWriter(store, 30).write(list, START)).later).toEqual(new Set(['s1']));
  expect(store.calls.at(-1)).toBe('append a 0 2');
});

test('a record that the table refuses is told from those that it does not take now', async () => {
  const store = recorder((call) => call.startsWith('append a'), invalid);
  const { refused, later } = await new TrackWriter(store, 30).write(received(batch('a', [START])), START);
  expect({ refused, later }).toEqual({ refused: new Set(['s0']), later: none });
});

test('where the table takes nothing, most of a large batch is not tried', async () => {
  const store = recorder(() => true);
  const list = received(...Array.from({ length: 500 }, (_, index) => batch(`task-${index}`, [START])));
  const { later, progress } = await new TrackWriter(store, 30).write(list, START);
  expect({ later: later.size, progress }).toEqual({ later: 500, progress: false });
  expect(store.calls.length).toBeLessThan(100);
  expect(logged[0]?.mock.calls).toHaveLength(1);
});

test('points beyond the retention are left out and counted', async () => {
  const store = recorder();
  const failed = await new TrackWriter(store, 30).write(received(batch('a', [START - 31 * DAY, START])), START);
  expect(failed).toEqual({ refused: none, later: none, progress: true });
  expect(store.calls).toEqual(['register a 0', 'append a 0 1']);
  expect(String(logged[1]?.mock.calls)).toContain('"expiredPoints":1');
});

test('what was asked for last is remembered longest', () => {
  const recent = new Recent(2);
  recent.add('a');
  recent.add('b');
  expect(recent.has('a')).toBe(true);
  recent.add('c');
  expect(['a', 'b', 'c'].map((key) => recent.has(key))).toEqual([true, false, true]);
});
