import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBatch, type PositionBatch } from '../../lambdas/contract/batch';
import { importFile } from '../../lambdas/files/import';
import { StreamUnavailable } from '../../lambdas/platform/stream-writer';
import { always, gpx } from './arbitraries';

const far = Number.MAX_SAFE_INTEGER;
const noWait = async () => undefined;

/** A stream that keeps what it is given, and refuses the first so many puts. */
function streamOf(refusals = 0) {
  const batches: PositionBatch[] = [];
  let left = refusals;
  return {
    batches,
    put: async (records: readonly { partitionKey: string; data: Uint8Array }[]) => {
      if (left-- > 0) throw new StreamUnavailable('away');
      batches.push(...records.map(({ data }) => decodeBatch(data)));
    },
  };
}

const importing = (file: string | Uint8Array, stream = streamOf(), deadline = far) =>
  importFile([Buffer.from(file)], { owner: 'rider', stream, circumstances: always, deadline, wait: noWait });

const points = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => {
    const time = new Date(Date.parse('2026-07-01T08:00:00Z') + (from + n) * 1_000).toISOString();
    return `<trkpt lat="46" lon="${13 + n / 1_000}"><time>${time}</time></trkpt>`;
  }).join('');
const track = (inner: string) => `<trk><trkseg>${inner}</trkseg></trk>`;

test('points go into the stream by ride, in records of bounded size, each in order', async () => {
  const stream = streamOf();
  const outcome = await importing(gpx(track(points(1_200)) + track(points(3, 5_000))), stream);
  expect(outcome).toMatchObject({ state: 'imported', complete: true, accepted: 1_203 });
  expect(stream.batches.map((batch) => batch.points.length)).toEqual([500, 500, 200, 3]);
  expect(new Set(stream.batches.map(({ device }) => device))).toEqual(new Set(['rider']));
  const tasks = outcome.rides?.map(({ task }) => task) ?? [];
  expect(stream.batches.map(({ task }) => task)).toEqual([tasks[0], tasks[0], tasks[0], tasks[1]]);
});

test('the same file makes the same tasks and points, whenever it is read; another file others', async () => {
  const file = readFileSync(join(__dirname, '..', 'fixtures', 'gpx', 'korita-zbevnica.gpx'));
  const [first, second] = [streamOf(), streamOf()];
  await importing(file, first);
  await importFile([file], {
    ...{ owner: 'rider', stream: second, deadline: far, wait: noWait },
    circumstances: { ...always, now: always.now + 1 },
  });
  const told = ({ batches }: typeof first) => batches.map(({ task, points: some }) => ({ task, some }));
  expect(told(second)).toEqual(told(first));
  expect(told(first)).not.toHaveLength(0);
  const [one, other] = [streamOf(), streamOf()];
  await importing(gpx(track(points(3))), one);
  await importing(gpx(track(points(4))), other);
  expect(one.batches[0]?.task).not.toBe(other.batches[0]?.task);
});

test('a ride keeps its task when its first points have grown too old', async () => {
  const file = Buffer.from(gpx(track(points(100))));
  const cut = { now: Date.parse('2026-07-01T08:00:50Z'), retentionMs: 0 };
  const [all, rest] = [streamOf(), streamOf()];
  await importing(file, all);
  const outcome = await importFile([file], {
    ...{ owner: 'rider', stream: rest, deadline: far, wait: noWait },
    circumstances: cut,
  });
  expect(rest.batches[0]?.task).toBe(all.batches[0]?.task);
  expect(outcome.refused?.map(({ code, count, first }) => [code, count, first])).toEqual([
    ['time_too_old', 50, 'line 1'],
  ]);
});

test('what comes before a break counts, and the report says where it broke', async () => {
  const stream = streamOf();
  const outcome = await importing(gpx(track(points(10))).slice(0, -20), stream);
  expect(outcome).toMatchObject({ state: 'imported', complete: false, accepted: 10, problem: { code: 'malformed' } });
  expect(stream.batches[0]?.points).toHaveLength(10);
});

test('a file that is refused writes nothing, even behind good points', async () => {
  const stream = streamOf();
  const outcome = await importing(gpx(track(points(10)) + '<a>'.repeat(100)), stream);
  expect(outcome).toMatchObject({ state: 'failed', accepted: 0, problem: { code: 'nested_too_deeply' } });
  expect(stream.batches).toEqual([]);
});

test('a file without a point that can be taken says so', async () => {
  const outcome = await importing(gpx(track('<trkpt lat="46" lon="13"/>')));
  expect(outcome).toMatchObject({ state: 'failed', complete: true, problem: { code: 'nothing_valid' } });
  expect(outcome.refused).toMatchObject([{ code: 'time_missing', count: 1, first: 'line 1' }]);
});

test('of two points at one time the first is taken', async () => {
  const twice = '<trkpt lat="1" lon="1"><time>2026-07-01T08:00:01Z</time></trkpt>';
  const stream = streamOf();
  const outcome = await importing(gpx(track(points(3) + twice)), stream);
  expect(outcome.refused).toMatchObject([{ code: 'duplicate_time', count: 1 }]);
  expect(stream.batches[0]?.points.map(({ lat }) => lat)).toEqual([46, 46, 46]);
});

test('points are sent in order, whatever their order in the file', async () => {
  const stream = streamOf();
  await importing(gpx(track(points(3, 10) + points(3))), stream);
  const times = stream.batches.flatMap((batch) => batch.points.map(({ time }) => time));
  expect(times).toHaveLength(6);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('a stream that is away for a while is waited for; one that stays away is told', async () => {
  const stream = streamOf(5);
  expect(await importing(gpx(track(points(3))), stream)).toMatchObject({ accepted: 3 });
  expect(stream.batches).toHaveLength(1);
  await expect(importing(gpx(track(points(3))), streamOf(1), 0)).rejects.toThrow(StreamUnavailable);
});

test('a large import trickles: for each megabyte it rests five seconds', async () => {
  let rested = 0;
  const stream = streamOf();
  const wait = async (ms: number) => {
    rested += ms;
  };
  const file = [Buffer.from(gpx(track(points(20_000))))];
  await importFile(file, { owner: 'rider', stream, circumstances: always, deadline: far, wait });
  expect(stream.batches).toHaveLength(40);
  expect(rested).toBeGreaterThan(2_000);
});
