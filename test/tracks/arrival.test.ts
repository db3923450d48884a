import fc from 'fast-check';
import type { JournalEntry } from '../../lambdas/contract/journal';
import {
  type ArrivalPlace,
  arrivalPage,
  goesOnByArrival,
  toArrivalCursor,
  toArrivalRequest,
} from '../../lambdas/tracks/arrival';
import { toCursor, toTrackRequest } from '../../lambdas/tracks/request';
import { tracks } from '../rides/tracks';
import { track, World } from '../rides/world';

const path = { owner: 'd', task: 't' };
const size = (points: number) => ({ points, bytes: 1e6, measure: () => 1 });

/** A journal as a replica shows it: some of the newest entries may be missing, and one in between. */
function replica(entries: readonly JournalEntry[], lag: number, hole: number | undefined) {
  return async (from: number, limit: number, consistent: boolean) => {
    const seen = consistent ? entries : entries.slice(0, entries.length - lag).filter(({ seq }) => seq !== hole);
    return { entries: seen.filter(({ seq }) => seq >= from).slice(0, limit), begun: true };
  };
}

const scenes = fc.record({
  points: tracks,
  order: fc.array(fc.nat(10_000), { minLength: 1, maxLength: 20 }),
  size: fc.integer({ min: 1, max: 20 }),
  pages: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 10 }),
  lags: fc.array(fc.record({ lag: fc.nat(2), hole: fc.option(fc.nat(12), { nil: undefined }) }), {
    minLength: 1,
    maxLength: 9,
  }),
});

test('who polls and follows the cursor reads every point once, whatever arrives late meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(scenes, async ({ points, order, size: batch, pages, lags }) => {
      const world = new World();
      const keeper = world.keeper();
      const late = points.toSorted((a, b) => key(a.time, order) - key(b.time, order));
      const seen: number[] = [];
      let cursor: string | undefined;
      let handed = 0;
      const poll = async (turn: number) => {
        const { after, scope } = toArrivalRequest(path, { order: 'arrival', ...(cursor && { cursor }) });
        const { lag = 0, hole } = lags[turn % lags.length] ?? {};
        const page = await arrivalPage(
          replica(world.entries(), lag, hole),
          't',
          after,
          size(pages[turn % pages.length] ?? 1),
        );
        seen.push(...page.points.map(({ time }) => time));
        cursor = toArrivalCursor(scope, page.next);
      };
      for (let at = 0, turn = 0; at < late.length; at += batch, turn += 1) {
        world.write(late.slice(at, at + batch));
        await keeper.keep(track, world.stream.slice(handed));
        handed = world.stream.length;
        await poll(turn);
      }
      lags.splice(0, lags.length, { lag: 0, hole: undefined });
      for (let turn = 0; turn < points.length + 1; turn += 1) await poll(turn);
      expect(seen.toSorted((a, b) => a - b)).toEqual(points.map(({ time }) => time));
    }),
    { numRuns: 150 },
  );
});

/** Any order, the same for the same numbers. */
const key = (time: number, order: readonly number[]) => ((time % 7_919) * (order[time % order.length] ?? 1)) % 10_007;

const entry = (seq: number, times: number[]): JournalEntry => ({
  ...{ device: 'd', task: 't', seq, at: 0, rows: {}, newest: 0 },
  points: times.map((time) => ({ time, lat: 1, lon: 2 })),
});

test('an empty page costs one read, and leads to where it was asked', async () => {
  const reads: unknown[] = [];
  const read = async (...args: [number, number, boolean]) => {
    reads.push(args);
    return { entries: [], begun: false };
  };
  const place: ArrivalPlace = { seq: 12, offset: 0 };
  expect(await arrivalPage(read, 't', place, size(1_000))).toEqual({ points: [], next: place, known: true });
  expect(reads).toEqual([[12, 500, false]]);
});

test('what expired in between is passed over, once a consistent read has shown that it is gone', async () => {
  const entries = [entry(4, [1]), entry(6, [2])];
  const page = await arrivalPage(replica(entries, 0, undefined), 't', { seq: 3, offset: 0 }, size(10));
  expect(page.points.map(({ time }) => time)).toEqual([1, 2]);
  expect(page.next).toEqual({ seq: 7, offset: 0 });
});

test('a page ends before the bytes are too many, and holds one point however large', async () => {
  const read = replica([entry(1, [1, 2, 3])], 0, undefined);
  const page = (bytes: number, after?: ArrivalPlace) =>
    arrivalPage(read, 't', after, { points: 9, bytes, measure: () => 100 });
  expect((await page(250)).next).toEqual({ seq: 1, offset: 2 });
  expect((await page(10)).points).toHaveLength(1);
  expect((await page(10, { seq: 1, offset: 2 })).next).toEqual({ seq: 2, offset: 0 });
});

test('nothing is known of a track without journal and ride, where reading starts', async () => {
  const read = async () => ({ entries: [], begun: false });
  expect((await arrivalPage(read, 't', undefined, size(1))).known).toBe(false);
  expect((await arrivalPage(async () => ({ entries: [], begun: true }), 't', undefined, size(1))).known).toBe(true);
});

const { scope } = toArrivalRequest(path, { order: 'arrival' });
const own = toArrivalCursor(scope, { seq: 3, offset: 1 });

test('a cursor goes on in any format and page size, and says by itself that it goes by arrival', () => {
  const next = toArrivalRequest(path, { order: 'arrival', cursor: own, limit: '5', format: 'gpx' });
  expect(next).toMatchObject({ after: { seq: 3, offset: 1 }, limit: 5, format: 'gpx' });
  expect(goesOnByArrival(own)).toBe(true);
  for (const other of [undefined, 'abc', toCursor(['track'], { time: 1, task: 't' })])
    expect(goesOnByArrival(other)).toBe(false);
});

const byTime = toTrackRequest(path, {}).scope;
const state = (value: object) => toArrivalCursor(scope, value as ArrivalPlace);

test.each([
  ['of another task', { ...path, task: 'u' }, own, 'foreign_cursor'],
  ['of another owner', { ...path, owner: 'e' }, own, 'foreign_cursor'],
  ['of a page by time', path, toCursor(byTime, { time: 1, task: 't' }), 'foreign_cursor'],
  ['of no place', path, state({ seq: 0, offset: 0 }), 'invalid_cursor'],
  ['of half a point', path, state({ seq: 1, offset: 0.5 }), 'invalid_cursor'],
  ['that is none', path, 'abc', 'invalid_cursor'],
])('a cursor %s is refused', (_, at, cursor, code) => {
  expect(() => toArrivalRequest(at, { order: 'arrival', cursor })).toThrow(
    expect.objectContaining({ status: 400, code, extras: expect.objectContaining({ pointer: '?cursor' }) }),
  );
});

test.each([
  ['from', { from: '0' }],
  ['to', { to: '5' }],
  ['view', { view: 'corrected' }],
])('a range or a view has no place in the order of arrival: %s', (name, query) => {
  expect(() => toArrivalRequest(path, { order: 'arrival', ...query })).toThrow(
    expect.objectContaining({ status: 400, extras: { pointer: `?${name}` } }),
  );
});
