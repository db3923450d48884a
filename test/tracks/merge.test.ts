import fc from 'fast-check';
import {
  compare,
  type Order,
  type Place,
  type Run,
  remaining,
  type TrackPoint,
  toRuns,
  unread,
} from '../../lambdas/tracks/decide';
import { Merge, type Page, takePage } from '../../lambdas/tracks/merge';
import { DAY, HOUR, START, tasks, times } from './arbitraries';

const points: fc.Arbitrary<TrackPoint[]> = fc
  .uniqueArray(fc.record({ time: times, task: tasks }), {
    selector: ({ time, task }) => `${time}#${task}`,
    maxLength: 30,
  })
  .map((places) => places.map((place, index) => ({ ...place, lat: index, lon: 0 })));

const range = { from: START - HOUR, to: START + 3 * DAY };

interface World {
  durable: TrackPoint[];
  tail: TrackPoint[];
  /** Points that one pull of a run gives. */
  chunk: number;
}

function taskDays(durable: TrackPoint[]) {
  return durable.map(({ task, time }) => {
    const day = time - (time % DAY);
    return { task, day, hours: [Math.floor((time - day) / HOUR)] };
  });
}

function sources({ durable, tail, chunk }: World, order: Order, after: Place | undefined) {
  const rest = remaining(range, after, order);
  const byDay = groupDays(taskDays(durable), order);
  async function* runs() {
    for (const days of byDay) yield toRuns(days, rest, order);
  }
  return {
    runs: runs(),
    async *open(run: Run) {
      const own = durable.filter(({ task }) => task === run.task);
      const some = unread(own, run, after, order);
      for (let at = 0; at < some.length; at += chunk) yield some.slice(at, at + chunk);
    },
    tail: unread(tail, rest, after, order),
  };
}

function groupDays(days: ReturnType<typeof taskDays>, order: Order) {
  const starts = [...new Set(days.map(({ day }) => day))].sort((a, b) => (order === 'oldest' ? a - b : b - a));
  return starts.map((start) => days.filter(({ day }) => day === start));
}

interface Reading {
  order: Order;
  limit: number;
  pulls: number;
}

async function readPage(world: World, { order, limit, pulls }: Reading, after: Place | undefined): Promise<Page> {
  const merge = new Merge(sources(world, order, after), order, pulls);
  return takePage(merge, { points: limit, bytes: 1_000_000, measure: () => 1 });
}

async function readAll(world: World, reading: Reading, between: (page: number) => void = () => undefined) {
  const seen: TrackPoint[] = [];
  let after: Place | undefined;
  for (let pages = 0; pages < 2_000; pages += 1) {
    const page = await readPage(world, reading, after);
    seen.push(...page.points);
    if (page.next === undefined) return seen;
    after = page.next;
    between(pages);
  }
  throw new Error('reading never ends');
}

const readings = fc.record({
  order: fc.constantFrom<Order>('oldest', 'newest'),
  limit: fc.integer({ min: 1, max: 20 }),
  pulls: fc.integer({ min: 1, max: 30 }),
});

/** Points that are in the table, in the tail, or in both: then the tail's latitude differs, and must not be seen. */
const worlds = fc
  .record({
    all: points,
    wheres: fc.array(fc.constantFrom('table', 'tail', 'both'), { minLength: 60, maxLength: 60 }),
    chunk: fc.integer({ min: 1, max: 7 }),
  })
  .map(({ all, wheres, chunk }) => {
    const durable = all.filter((_, index) => wheres[index] !== 'tail');
    const tail = all.flatMap((point, index) => {
      if (wheres[index] === 'table') return [];
      return wheres[index] === 'both' ? [{ ...point, lat: -1 }] : [point];
    });
    return { all, world: { durable, tail, chunk } };
  });

test('paging visits each point of table and tail once, in order, whatever the page size', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, readings, async ({ all, world }, reading) => {
      expect(await readAll(world, reading)).toEqual(all.toSorted((a, b) => compare(a, b, reading.order)));
    }),
    { numRuns: 100 },
  );
});

test('while points move from the tail to the table and others arrive, what was there is still read once', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, points, readings, async ({ all, world }, late, reading) => {
      const arriving = late.filter(
        (point) => !all.some(({ time, task }) => time === point.time && task === point.task),
      );
      const seen = await readAll(world, reading, () => {
        const moved = world.tail.shift();
        if (moved && !world.durable.some((point) => compare(point, moved, 'oldest') === 0)) world.durable.push(moved);
        const arrived = arriving.pop();
        if (arrived) world.durable.push(arrived);
      });
      const places = seen.map(({ time, task }) => `${time}#${task}`);
      expect(new Set(places).size).toBe(places.length);
      for (const { time, task } of all) expect(places).toContain(`${time}#${task}`);
    }),
    { numRuns: 100 },
  );
});

test('a page ends before the bytes are too many, and holds one point however large', async () => {
  const durable = [0, 1, 2, 3].map((step) => ({ time: START + step, task: 'a', lat: step, lon: 0 }));
  const merge = () => new Merge(sources({ durable, tail: [], chunk: 9 }, 'oldest', undefined), 'oldest', 100);
  const take = (bytes: number) => takePage(merge(), { points: 10, bytes, measure: () => 100 });
  expect((await take(250)).points).toHaveLength(2);
  expect(await take(250)).toMatchObject({ next: { time: START + 1, task: 'a' } });
  expect((await take(10)).points).toHaveLength(1);
  expect(await take(400)).toEqual({ points: durable.map((point) => ({ ...point })) });
});

test('a last page that is just full leads nowhere', async () => {
  const durable = [{ time: START, task: 'a', lat: 0, lon: 0 }];
  const world = { durable, tail: durable, chunk: 1 };
  expect(await readPage(world, { order: 'oldest', limit: 1, pulls: 100 }, undefined)).toEqual({ points: durable });
});

test('registered hours without points in the range end a page early, and the next one goes on', async () => {
  const world: World = { durable: [], tail: [], chunk: 1 };
  async function* runs() {
    yield Array.from(
      { length: 10 },
      (_, day): Run => ({ task: 'a', from: START + day * DAY, to: START + day * DAY + HOUR }),
    );
  }
  const merge = new Merge({ ...sources(world, 'oldest', undefined), runs: runs() }, 'oldest', 3);
  expect(await takePage(merge, { points: 5, bytes: 1e6, measure: () => 1 })).toEqual({
    points: [],
    next: { time: START + 2 * DAY, task: '' },
  });
});

test('more tasks at one time than can lie open are refused with a way out', async () => {
  const durable = Array.from({ length: 201 }, (_, task) => ({ time: START, task: `t${task}`, lat: 0, lon: 0 }));
  const reading = { order: 'oldest', limit: 10, pulls: 1_000 } as const;
  await expect(readPage({ durable, tail: [], chunk: 1 }, reading, undefined)).rejects.toMatchObject({
    status: 400,
    code: 'too_many_tasks',
  });
});
