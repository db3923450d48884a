import fc from 'fast-check';
import type { Position } from '../../lambdas/contract/position';
import { portoTracks, recomputed, START, tracks } from './tracks';
import { track, World } from './world';

const inOrder = (points: readonly Position[]) => points.toSorted((a, b) => a.time - b.time);

function expectKept(world: World): void {
  expect(world.ride()?.statistics).toEqual(recomputed(world.points()));
  const entered = world.entries().flatMap(({ points }) => points);
  expect(inOrder(entered)).toEqual(world.points());
  expect(world.entries().map(({ seq }) => seq)).toEqual(world.entries().map((_, index) => index + 1));
  expectPlaced(world);
}

/** Each entry says what the newest minute is, and whether it only continues that. */
function expectPlaced(world: World): void {
  let newest: number | undefined;
  for (const { points, ...entry } of world.entries()) {
    const minutes = points.map(({ time }) => Math.floor(time / 60_000) * 60_000);
    const continues = minutes.every((minute) => minute === newest);
    newest = Math.max(newest ?? 0, ...minutes);
    expect([entry.newest, entry.continues ?? false]).toEqual([newest, continues]);
  }
}

/** Hands the stream over from `from` on, so many records at a time; a batch that fails is handed over again. */
async function consume(world: World, from: number, batch: number, keeper = world.keeper()): Promise<number> {
  let at = from;
  while (at < world.stream.length) {
    const changes = world.stream.slice(at, at + batch);
    try {
      await keeper.keep(track, changes);
      at += batch;
    } catch (error) {
      if ((error as Error).message !== 'the store failed') throw error;
    }
  }
  return world.stream.length;
}

/** How points arrive: shuffled a little or wholly, some twice, in batches; and when a store fails. */
const arrivals = fc.record({
  points: tracks,
  shuffle: fc.constantFrom('none', 'swaps', 'late buffer', 'all'),
  seed: fc.array(fc.nat(10_000), { minLength: 5, maxLength: 40 }),
  size: fc.integer({ min: 1, max: 15 }),
  batch: fc.integer({ min: 1, max: 8 }),
  failures: fc.array(fc.record({ in: fc.nat(40), after: fc.boolean() }), { maxLength: 6 }),
  room: fc.constantFrom(3, Number.POSITIVE_INFINITY),
  behind: fc.boolean(),
});

type Arrival = typeof arrivals extends fc.Arbitrary<infer T> ? T : never;

function arriving({ points, shuffle, seed }: Arrival): Position[] {
  const pick = (i: number, n: number) => (seed[i % seed.length] ?? 0) % n;
  const list = [...points];
  if (shuffle === 'late buffer')
    return [...list.slice(0, pick(0, list.length)), ...list.slice(pick(1, list.length)), ...list];
  if (shuffle === 'none') return list;
  const swaps = shuffle === 'swaps' ? 3 : 3 * list.length;
  for (let i = 0; i < swaps; i += 1) {
    const [a, b] = [pick(i, list.length), pick(i + 7, list.length)];
    [list[a], list[b]] = [list[b] as Position, list[a] as Position];
  }
  return [...list, ...list.slice(0, pick(2, list.length))];
}

async function live(world: World, arrival: Arrival): Promise<void> {
  const list = arriving(arrival);
  const failures = [...arrival.failures];
  let at = 0;
  for (let from = 0; from < list.length; from += arrival.size) {
    world.write(list.slice(from, from + arrival.size));
    const failure = failures.shift();
    if (failure) [world.failIn, world.failsAfter] = [failure.in, failure.after];
    if (!arrival.behind) at = await consume(world, at, arrival.batch);
  }
  await consume(world, at, arrival.batch);
  world.failIn = Number.POSITIVE_INFINITY;
}

test('in any order, with repeats and failures anywhere, a ride has the figures of its stored points, and its journal each once', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async (arrival) => {
      const world = new World(arrival.room);
      await live(world, arrival);
      await consume(world, Math.max(0, world.stream.length - 1), 1);
      expectKept(world);
    }),
    { numRuns: 200 },
  );
});

test('a stream replayed from its start, in other batches, changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 12 }), async (arrival, batch) => {
      const world = new World(arrival.room);
      await live(world, arrival);
      await consume(world, 0, arrival.batch);
      const kept = world.kept();
      await consume(world, 0, batch);
      expect(world.kept()).toEqual(kept);
    }),
    { numRuns: 100 },
  );
});

test('records that were given up and are redriven later leave nothing out and enter nothing twice', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, fc.array(fc.nat(1_000), { minLength: 1, maxLength: 6 }), async (arrival, lost) => {
      const world = new World(arrival.room);
      for (const point of arriving(arrival)) world.write([point]);
      const given = new Set(lost.map((at) => at % world.stream.length));
      const keeper = world.keeper();
      for (const [at, change] of world.stream.entries()) if (!given.has(at)) await keeper.keep(track, [change]);
      for (const at of given) await keeper.keep(track, [world.stream[at] as never]);
      expectKept(world);
    }),
    { numRuns: 100 },
  );
});

test('two consumers at once count each point once', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async (arrival) => {
      const world = new World(arrival.room);
      for (const point of arriving(arrival)) world.write([point]);
      const half = Math.ceil(world.stream.length / 2);
      const one = [world.stream.slice(0, half), world.stream.slice(half)];
      const run = async (parts: typeof one) => {
        const keeper = world.keeper();
        for (const part of parts) await keeper.keep(track, part).catch(() => undefined);
      };
      await Promise.all([run(one), run(one)]);
      await consume(world, 0, arrival.batch);
      expectKept(world);
    }),
    { numRuns: 100 },
  );
});

test('trips of Porto’s taxis that arrive late and mixed up have the figures of a full recomputation', async () => {
  for (const points of await portoTracks(12)) {
    const world = new World();
    const mixed = [
      ...points.filter((_, i) => i % 5 !== 0),
      ...points.filter((_, i) => i % 5 === 0),
      ...points.slice(0, 30),
    ];
    for (let at = 0; at < mixed.length; at += 20) world.write(mixed.slice(at, at + 20));
    await consume(world, 0, 10);
    expectKept(world);
  }
});

test('a point that was counted and is taken out of its row leaves the figures, and what follows is entered once', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, fc.nat(1_000), async (arrival, pick) => {
      const world = new World();
      const list = arriving(arrival);
      const bad = { time: START + 30_000 * (pick % 40) + 7, lat: 10, lon: 10 };
      fc.pre(list.every(({ time }) => time !== bad.time));
      world.write(list.slice(0, pick % list.length));
      world.write([bad]);
      const at = arrival.behind ? 0 : await consume(world, 0, arrival.batch);
      world.takeOut(bad.time);
      world.write(list);
      await consume(world, at, arrival.batch);
      expect(world.ride()?.statistics).toEqual(recomputed(world.points()));
      const entered = world.entries().flatMap(({ points }) => points.filter(({ time }) => time !== bad.time));
      expect(inOrder(entered)).toEqual(world.points());
    }),
    { numRuns: 100 },
  );
});

const ride = (count: number, stepMs: number, from = START): Position[] =>
  Array.from({ length: count }, (_, i) => ({ time: from + i * stepMs, lat: 41 + i / 1e5, lon: -8.6 }));

test('a batch that follows costs one read and two writes, however long the ride', async () => {
  const world = new World();
  const points = ride(3 * 3_600, 1_000);
  world.write(points.slice(0, -30));
  const keeper = world.keeper();
  await consume(world, 0, 50, keeper);
  for (let at = points.length - 30; at < points.length; at += 10) {
    world.calls = [];
    const from = world.stream.length;
    world.write(points.slice(at, at + 10));
    await consume(world, from, 10, keeper);
    expect(world.calls).toEqual(['load', 'enter', 'save']);
  }
});

test('a late point has its own hour read anew and the others only put together', async () => {
  const world = new World();
  const points = ride(4 * 360, 10_000);
  world.write(points.filter((_, i) => i !== 400));
  await consume(world, 0, 50);
  world.calls = [];
  const from = world.stream.length;
  world.write([points[400] as Position]);
  await consume(
    world,
    from,
    10,
    world.keeper(() => 99),
  );
  expect(world.calls).toEqual(['place', 'load', 'hours', 'enter', 'minutes', 'hours', 'minutes', 'saveHour', 'save']);
  expect(world.ride()?.lateArrivalAt).toBe(99);
  expectKept(world);
});
