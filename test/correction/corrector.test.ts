import fc from 'fast-check';
import type { Position } from '../../lambdas/contract/position';
import { MINUTE_MS } from '../../lambdas/contract/time';
import type { TrackRow } from '../../lambdas/contract/track-row';
import { Corrector, OutOfTime } from '../../lambdas/correction/corrector';
import { CONTEXT_MINUTES, correctMinute } from '../../lambdas/correction/decide';
import { type Minutes, toDue } from '../../lambdas/correction/due';
import type { RawMinute } from '../../lambdas/correction/windows';

const START = 1_500_000_000_000 - (1_500_000_000_000 % MINUTE_MS);
const track = { device: 'phone', task: 'ride' };
const minuteOf = (time: number) => Math.floor(time / MINUTE_MS) * MINUTE_MS;

/** A track as the table holds it. */
class Memory {
  readonly raw = new Map<number, Position>();
  readonly corrected = new Map<number, { row: TrackRow; seen: number }>();
  writes = 0;

  add(points: readonly Position[]): void {
    for (const point of points) this.raw.set(point.time, point);
  }

  inOrder(): Position[] {
    return [...this.raw.values()].sort((a, b) => a.time - b.time);
  }

  /** What the track's ride would say. */
  get newest(): number | undefined {
    const last = this.inOrder().at(-1);
    return last && minuteOf(last.time);
  }

  async correctedUntil() {
    return this.corrected.size === 0 ? undefined : Math.max(...this.corrected.keys()) + MINUTE_MS;
  }

  async *minutes(_: unknown, { from, to }: Minutes): AsyncGenerator<RawMinute> {
    const points = this.inOrder().filter(({ time }) => time >= from && time < to);
    for (const minute of new Set(points.map(({ time }) => minuteOf(time)))) {
      const some = points.filter(({ time }) => minuteOf(time) === minute);
      yield { minute, points: some, seen: some.length };
    }
  }

  async write(row: TrackRow, seen: number) {
    this.writes += 1;
    const known = this.corrected.get(row.minute);
    if (!known || known.seen <= seen) this.corrected.set(row.minute, { row, seen });
  }

  /** What the corrected rows before a time should be, by all raw points at once. */
  expected(before: number): Position[] {
    const points = this.inOrder();
    const minutes = [...new Set(points.map(({ time }) => minuteOf(time)))].filter((minute) => minute < before);
    return minutes.flatMap((minute) => correctMinute(minute, points));
  }

  actual(): Position[] {
    return [...this.corrected.values()].sort((a, b) => a.row.minute - b.row.minute).flatMap(({ row }) => row.points);
  }
}

const due = ({ newest }: Pick<Memory, 'newest'>, points: readonly Position[], finished = false) => {
  const minutes = [...new Set(points.map(({ time }) => minuteOf(time)))];
  return toDue([{ sequence: '1', value: { ...track, minutes, newest, finished } }]);
};

const place = fc.record({
  time: fc.integer({ min: 0, max: 20 * 12 }).map((step) => START + step * 5_000),
  lat: fc.integer({ min: 48_000, max: 48_010 }).map((figure) => figure / 1_000),
  lon: fc.integer({ min: 11_000, max: 11_010 }).map((figure) => figure / 1_000),
});
const batches = fc.array(fc.array(place, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 });

test('whatever the order of arrival, complete minutes are what all points say; and all are once the ride is over', async () => {
  await fc.assert(
    fc.asyncProperty(batches, fc.integer({ min: 0, max: 3 }), async (some, ahead) => {
      const memory = new Memory();
      const corrector = new Corrector(memory);
      // A point is known by its time: of a repeat the first counts.
      const known = new Set<number>();
      const fresh = some.map((batch) => batch.filter(({ time }) => !known.has(time) && known.add(time)));
      let newest: number | undefined;
      for (const [index, batch] of fresh.entries()) {
        // Rows are written before rides hear of them, by now and then more than one batch.
        memory.add(fresh.slice(0, index + 1 + ahead).flat());
        // Told of are batches that do more than to continue the newest minute.
        if (batch.every(({ time }) => minuteOf(time) === newest)) continue;
        newest = Math.max(newest ?? 0, ...batch.map(({ time }) => minuteOf(time)));
        for (const one of due({ newest }, batch)) await corrector.correct(one, Number.POSITIVE_INFINITY);
        if (ahead > 0 && index < fresh.length - 1) continue;
        const complete = newest - CONTEXT_MINUTES * MINUTE_MS;
        expect(memory.actual().filter(({ time }) => time < complete)).toEqual(memory.expected(complete));
      }
      for (const one of due(memory, [], true)) await corrector.correct(one, Number.POSITIVE_INFINITY);
      expect(memory.actual()).toEqual(memory.expected(Number.POSITIVE_INFINITY));
    }),
    { numRuns: 40 },
  );
});

/** Three quarters of an hour, a point each 10 s. */
const ride = Array.from({ length: 270 }, (_, index) => ({
  time: START + index * 10_000,
  lat: 48 + index / 2_000 + ((index * 7919) % 13) / 100_000,
  lon: 11,
}));

test('minutes whose context is not complete wait', async () => {
  const memory = new Memory();
  memory.add(ride);
  for (const one of due(memory, ride.slice(-6))) await new Corrector(memory).correct(one, Number.POSITIVE_INFINITY);
  expect(await memory.correctedUntil()).toBe(START + 42 * MINUTE_MS);
});

test('a late point has its neighbours judged again, and nobody else', async () => {
  const memory = new Memory();
  const corrector = new Corrector(memory);
  const late = ride[100];
  if (!late) throw new Error('The ride is too short.');
  memory.add(ride.filter((point) => point !== late));
  for (const one of due(memory, ride.slice(-6))) await corrector.correct(one, Number.POSITIVE_INFINITY);
  const before = new Map([...memory.corrected].map(([minute, { row }]) => [minute, row]));
  memory.add([late]);
  for (const one of due(memory, [late])) await corrector.correct(one, Number.POSITIVE_INFINITY);
  const again = [...memory.corrected].filter(([minute, { row }]) => before.get(minute) !== row);
  const middle = minuteOf(late.time);
  expect(again.map(([minute]) => (minute - middle) / MINUTE_MS).sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  expect(memory.actual()).toEqual(memory.expected(START + 42 * MINUTE_MS));
});

test('whoever runs out of time goes on where it stopped', async () => {
  const memory = new Memory();
  memory.add(ride);
  const [finished] = due(memory, [], true);
  if (!finished) throw new Error('Nothing is due.');
  let now = 0;
  const clock = () => now++;
  await expect(new Corrector(memory, clock).correct(finished, 20)).rejects.toThrow(OutOfTime);
  const done = memory.corrected.size;
  expect(done).toBeGreaterThan(10);
  await new Corrector(memory).correct(finished, Number.POSITIVE_INFINITY);
  expect(memory.actual()).toEqual(memory.expected(Number.POSITIVE_INFINITY));
  // The minutes at the end are judged once more, since the ride may have gone on.
  expect(memory.writes).toBeLessThanOrEqual(45 + CONTEXT_MINUTES + 1);
});

test('a track without points is not corrected', async () => {
  const memory = new Memory();
  for (const one of due(memory, [], true)) await new Corrector(memory).correct(one, Number.POSITIVE_INFINITY);
  expect(memory.writes).toBe(0);
});
