import fc from 'fast-check';
import type { PositionBatch } from '../../lambdas/contract/batch';
import { rowExpiry } from '../../lambdas/contract/track-row';
import {
  type Order,
  type RowAppend,
  remaining,
  toRegistrations,
  toRows,
  toRuns,
  uniquePoints,
  unread,
  withoutExpired,
} from '../../lambdas/tracks/decide';
import { batches, DAY, HOUR, START, tasks } from './arbitraries';

const received = (list: PositionBatch[]) => list.map((value, index) => ({ sequence: `s${index}`, value }));

/** Rows as the table would hold them after each append, the first write of a point winning. */
function store(appends: RowAppend[]): Map<string, Map<number, unknown>> {
  const rows = new Map<string, Map<number, unknown>>();
  for (const { device, task, minute, points } of appends) {
    const row = rows.get(`${device}#${task}#${minute}`) ?? new Map();
    for (const [time, point] of points) if (!row.has(time)) row.set(time, point);
    rows.set(`${device}#${task}#${minute}`, row);
  }
  return rows;
}

/** The oracle: point by point, without any grouping. */
function onebyone(list: PositionBatch[]) {
  const rows = new Map<string, Map<number, unknown>>();
  for (const { device, task, points } of list) {
    for (const point of points) {
      const key = `${device}#${task}#${point.time - (point.time % 60_000)}`;
      const row = rows.get(key) ?? new Map();
      if (!row.has(point.time)) row.set(point.time, point);
      rows.set(key, row);
    }
  }
  return rows;
}

test('grouping a batch writes the rows that writing it point by point would', () => {
  fc.assert(fc.property(batches(), (list) => expect(store(toRows(received(list)))).toEqual(onebyone(list))));
});

test('however batches are split into invocations and repeated, the rows are the same', () => {
  fc.assert(
    fc.property(batches(), fc.array(fc.nat(8), { maxLength: 4 }), (list, cuts) => {
      const edges = [0, ...cuts.map((cut) => cut % (list.length + 1)).sort((a, b) => a - b), list.length];
      const parts = edges.slice(1).map((edge, index) => list.slice(edges[index], edge));
      const appends = [...parts, ...parts.toReversed()].flatMap((part) => toRows(received(part)));
      expect(store(appends)).toEqual(onebyone(list));
    }),
  );
});

test('in any order of arrival the same points are in the same rows', () => {
  const times = (rows: Map<string, Map<number, unknown>>) =>
    new Map([...rows].map(([key, row]) => [key, new Set(row.keys())]));
  const shuffled = batches().chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, ([list, other]) =>
      expect(times(store(toRows(received(other))))).toEqual(times(onebyone(list))),
    ),
  );
});

test('a row and a registration name exactly the records that had a part in them', () => {
  fc.assert(
    fc.property(batches(), (list) => {
      const all = received(list);
      for (const row of toRows(all)) {
        const part = all.filter(
          ({ value }) =>
            value.task === row.task &&
            value.points.some(({ time }) => time >= row.minute && time < row.minute + 60_000),
        );
        expect([...row.sequences]).toEqual(part.map(({ sequence }) => sequence));
      }
      for (const { task, hour, by, sequences } of toRegistrations(all)) {
        const part = all.filter(
          ({ value }) =>
            value.task === task &&
            value.by === by &&
            value.points.some(({ time }) => time >= hour && time < hour + HOUR),
        );
        expect([...sequences]).toEqual(part.map(({ sequence }) => sequence));
      }
    }),
  );
});

test('every row lies in an hour that is registered', () => {
  fc.assert(
    fc.property(batches(), (list) => {
      const hours = new Set(toRegistrations(received(list)).map(({ task, hour }) => `${task}#${hour}`));
      for (const { task, minute } of toRows(received(list))) {
        expect(hours.has(`${task}#${minute - (minute % HOUR)}`)).toBe(true);
      }
    }),
  );
});

test('a point is kept at least for the retention, and left out when its row would have expired', () => {
  const point = { time: START + 59_999, lat: 1, lon: 2 };
  const batch = received([{ device: 'd', task: 't', at: START, points: [point] }]);
  const expires = rowExpiry(START, 30) * 1_000;
  expect(expires).toBeGreaterThan(point.time + 30 * DAY);
  expect(withoutExpired(batch, 30, expires - 1)[0]?.value.points).toEqual([point]);
  expect(withoutExpired(batch, 30, expires)[0]?.value.points).toEqual([]);
});

test('what a device has stored by itself is registered, and not written again', () => {
  const points = [{ time: START, lat: 1, lon: 2 }];
  const batch = received([{ device: 'd', task: 't', at: START, stored: true, points }]);
  expect(toRows(batch)).toEqual([]);
  expect(toRegistrations(batch)).toMatchObject([{ device: 'd', task: 't', hour: START }]);
});

const taskDays = fc.array(
  fc.record({
    task: tasks,
    day: fc.integer({ min: 0, max: 3 }).map((day) => START + day * DAY),
    hours: fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1 }),
  }),
  { maxLength: 8 },
);
const orders = fc.constantFrom<Order>('oldest', 'newest');

test('runs cover the registered hours within the range and nothing else, in the order of reading', () => {
  const ranges = fc
    .tuple(fc.integer({ min: -2, max: 50 }), fc.integer({ min: 1, max: 60 }))
    .map(([from, length]) => ({ from: START + from * 1_800_000 + 7, to: START + (from + length) * 1_800_000 + 7 }));
  fc.assert(
    fc.property(taskDays, ranges, orders, (days, range, order) => {
      const runs = toRuns(days, range, order);
      const registered = new Set(
        days.flatMap(({ task, day, hours }) => hours.map((hour) => `${task}#${day + hour * HOUR}`)),
      );
      for (let time = START - HOUR; time < START + 5 * DAY; time += 600_000) {
        for (const task of ['a', 'b', 'c-1', 'Z']) {
          const inside = registered.has(`${task}#${time - (time % HOUR)}`) && time >= range.from && time < range.to;
          const covering = runs.filter((run) => run.task === task && time >= run.from && time < run.to);
          if (covering.length !== (inside ? 1 : 0)) throw new Error(`${task} at ${time}: ${covering.length} runs`);
        }
      }
      const edges = runs.map((run) => (order === 'oldest' ? run.from : -run.to));
      expect(edges).toEqual(edges.toSorted((a, b) => a - b));
    }),
    { numRuns: 30 },
  );
});

test('what is behind a place is what a reader of the whole list has not seen yet', () => {
  fc.assert(
    fc.property(batches(), orders, fc.nat(), (list, order, cut) => {
      const range = { from: START, to: START + 2 * DAY };
      const points = uniqueByPlace(list);
      const all = unread(points, range, undefined, order);
      const at = all.length === 0 ? 0 : cut % all.length;
      const after = all[at];
      expect(unread(points, remaining(range, after, order), after, order)).toEqual(after ? all.slice(at + 1) : []);
    }),
  );
});

function uniqueByPlace(list: PositionBatch[]) {
  const points = list.flatMap(({ task, points }) => points.map((point) => ({ task, ...point })));
  return points.filter(
    (point, index) => index === points.findIndex(({ time, task }) => time === point.time && task === point.task),
  );
}

test.each<Order>(['oldest', 'newest'])(
  'of a point in two rows of its minute the first by key counts, %s first',
  (order) => {
    const row = (lat: number) => ({ device: 'd', task: 't', minute: START, points: [{ time: START, lat, lon: 0 }] });
    const rows = order === 'oldest' ? [row(1), row(2)] : [row(2), row(1)];
    expect(uniquePoints(rows, order)).toEqual([{ task: 't', time: START, lat: 1, lon: 0 }]);
  },
);
