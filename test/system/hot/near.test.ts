import fc from 'fast-check';
import { acceptBatches } from '../../../lambdas/contract/hot/accept';
import { Near } from '../../../lambdas/contract/hot/near';
import { inBox } from '../../../lambdas/geo/area';
import { cellAt } from '../../../lambdas/geo/cells';
import { distance, type LatLon } from '../../../lambdas/geo/distance';
import { type Command, connectValkey, type Valkey } from '../../../lambdas/platform/valkey';
import { startValkey, type TestValkey } from './valkey';

const NOW = Date.UTC(2026, 6, 1);
const FRESH = NOW - 60_000;

/** Counts round trips, and what nearest-N scripts say they spent. */
class Watched implements Valkey {
  trips = 0;
  visited = 0;
  commands = 0;

  constructor(private readonly valkey: Valkey) {}

  async run(commands: readonly Command[]): Promise<unknown[]> {
    this.trips += 1;
    const replies = await this.valkey.run(commands);
    for (const [i, command] of commands.entries()) {
      const reply = replies[i];
      if (!('script' in command) || !Array.isArray(reply) || !command.script.source.includes('The least haversine'))
        continue;
      this.visited += Number(reply[2]);
      this.commands += Number(reply[3]);
    }
    return replies;
  }

  reset(): void {
    this.trips = this.visited = this.commands = 0;
  }
}

type Vehicle = LatLon & { device: string; time: number };

jest.setTimeout(120_000);

let server: TestValkey;
let valkey: Watched;
let near: Near;

beforeAll(async () => {
  server = await startValkey();
  valkey = new Watched(connectValkey(server.environment, { commandTimeoutMs: 10_000 }));
});
afterAll(() => server.stop());
beforeEach(async () => {
  await valkey.run([['FLUSHALL']]);
  near = new Near(valkey);
  valkey.reset();
});

async function place(vehicles: readonly Vehicle[]): Promise<void> {
  for (let first = 0; first < vehicles.length; first += 1_000) {
    const batches = vehicles
      .slice(first, first + 1_000)
      .map(({ device, time, lat, lon }) => ({ device, task: 't', at: NOW, points: [{ time, lat, lon }] }));
    await acceptBatches(valkey, near, batches, NOW);
  }
}

/** A crowd, without the tails that accepting it would write. */
async function placeCrowd(vehicles: readonly Vehicle[]): Promise<void> {
  for (let first = 0; first < vehicles.length; first += 5_000) {
    const some = vehicles.slice(first, first + 5_000);
    const hashes = some.map(({ device, time, lat, lon }): Command => {
      return [
        'HSET',
        `latest:{${device}}`,
        'time',
        time,
        'point',
        JSON.stringify([time, lat, lon]),
        'task',
        't',
        'by',
        '',
      ];
    });
    await valkey.run([...hashes, ...near.updateCommands(some, NOW)]);
  }
}

/** Nearest-N by looking at everything. */
const bruteForce = (vehicles: readonly Vehicle[], centre: LatLon, radius: number, limit: number) =>
  vehicles
    .filter((vehicle) => vehicle.time >= FRESH)
    .map((vehicle) => distance(centre, vehicle))
    .filter((metres) => metres <= radius)
    .sort((a, b) => a - b)
    .slice(0, limit);

async function expectExact(vehicles: readonly Vehicle[], centre: LatLon, radius: number, limit: number): Promise<void> {
  const found = await near.nearest(centre, radius, limit, FRESH);
  const expected = bruteForce(vehicles, centre, radius, limit);
  expect(found).toHaveLength(expected.length);
  expect(new Set(found.map(({ device }) => device)).size).toBe(found.length);
  for (const [i, { device, distance: metres, position }] of found.entries()) {
    const vehicle = vehicles[Number(device.slice(1))];
    expect(position).toMatchObject({ lat: vehicle?.lat, lon: vehicle?.lon });
    expect(metres).toBe(distance(centre, position));
    expect(Math.abs(metres - (expected[i] ?? 0))).toBeLessThan(1);
  }
}

const round = (degrees: number) => Math.round(degrees * 1e7) / 1e7 + 0;
const wrap = (lon: number) => (lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon);
const offset = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });

/** Places round a centre: scattered, close together, and on one spot; a fifth of the vehicles is stale. */
const scene = (lat: number, lon: number) =>
  fc
    .array(
      fc.record({
        dLat: fc.oneof(offset(0.2), offset(0.001), fc.constant(0.01)),
        dLon: fc.oneof(offset(0.3), offset(0.001), fc.constant(0.01)),
        stale: fc.integer({ min: 0, max: 4 }),
      }),
      { maxLength: 150, minLength: 1, size: 'max' },
    )
    .map((places) =>
      places.map(
        ({ dLat, dLon, stale }, i): Vehicle => ({
          device: `v${i}`,
          time: stale === 0 ? FRESH - 1 : NOW - stale,
          lat: round(Math.max(-90, Math.min(90, lat + dLat))),
          lon: wrap(round(lon + dLon)),
        }),
      ),
    );

describe.each([
  ['in Porto', 41.15, -8.61],
  ['on the antimeridian', -17.5, 180],
  ['at the corner of four cells', 0, 0],
  ['far north', 78.2, 15.6],
])('%s', (_, lat, lon) => {
  test('nearest-N equals looking at everything', async () => {
    const query = fc.record({
      dLat: offset(0.05),
      dLon: offset(0.05),
      radius: fc.constantFrom(10, 500, 3_000, 20_000),
      limit: fc.constantFrom(1, 3, 10, 100),
    });
    await fc.assert(
      fc.asyncProperty(scene(lat, lon), fc.array(query, { minLength: 3, maxLength: 3 }), async (vehicles, queries) => {
        await valkey.run([['FLUSHALL']]);
        near.forget();
        await place(vehicles);
        for (const { dLat, dLon, radius, limit } of queries) {
          await expectExact(vehicles, { lat: lat + dLat, lon: wrap(lon + dLon) }, radius, limit);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('what is in a box equals looking at everything', async () => {
    await fc.assert(
      fc.asyncProperty(scene(lat, lon), offset(0.3), offset(0.3), async (vehicles, width, height) => {
        await valkey.run([['FLUSHALL']]);
        near.forget();
        await place(vehicles);
        const box = {
          west: wrap(lon - Math.abs(width)),
          east: wrap(lon + 0.005),
          south: lat - Math.abs(height),
          north: lat + 0.01,
        };
        const found = (await near.inBox(box, 1_000, FRESH)).map(({ device }) => device);
        const expected = vehicles.filter((one) => one.time >= FRESH && inBox(one, box)).map(({ device }) => device);
        expect(found.sort()).toEqual(expected.sort());
      }),
      { numRuns: 25 },
    );
  });
});

test('in a crowd, nearest-N equals looking at everything', async () => {
  const vehicles = Array.from(
    { length: 3_000 },
    (_, i): Vehicle => ({
      device: `v${i}`,
      time: NOW,
      lat: round(41 + ((i * 0.7548776662) % 1) * 0.4),
      lon: round(-8.8 + ((i * 0.569840291) % 1) * 0.4),
    }),
  );
  await place(vehicles);
  for (let i = 0; i < 100; i++) {
    const centre = { lat: 40.9 + ((i * 0.569840291) % 1) * 0.6, lon: -8.9 + ((i * 0.7548776662) % 1) * 0.6 };
    await expectExact(vehicles, centre, 20_000, [1, 2, 5][i % 3] ?? 1);
  }
});

test('in the whole world, through the registry of occupied cells', async () => {
  const vehicles = Array.from(
    { length: 500 },
    (_, i): Vehicle => ({
      device: `v${i}`,
      time: NOW,
      lat: round(-84 + ((i * 0.7548776662) % 1) * 168),
      lon: round(-180 + ((i * 0.569840291) % 1) * 360),
    }),
  );
  await place(vehicles);
  expect(await near.inBox({ west: -180, south: -90, east: 180, north: 90 }, 1_000, FRESH)).toHaveLength(500);
  expect(await near.inBox({ west: -180, south: -90, east: 180, north: 90 }, 100, FRESH)).toHaveLength(100);
  const west = { west: 170, south: -90, east: -10, north: 90 };
  expect(await near.inBox(west, 1_000, FRESH)).toHaveLength(vehicles.filter((one) => inBox(one, west)).length);
});

test('with 100,000 in one cell, a thousand of them on one spot, work follows the limit and not the crowd', async () => {
  const spot = { lat: 41.1579, lon: -8.6291 };
  const vehicles = Array.from({ length: 100_000 }, (_, i): Vehicle => {
    const place =
      i % 100 === 0
        ? spot
        : { lat: round(41.1 + ((i * 0.7548776662) % 1) * 0.1), lon: round(-8.7 + ((i * 0.569840291) % 1) * 0.2) };
    return { device: `v${i}`, time: NOW, ...place };
  });
  await placeCrowd(vehicles);
  const work = async (centre: LatLon, limit: number) => {
    valkey.reset();
    await expectExact(vehicles, centre, 20_000, limit);
    return { visited: valkey.visited, commands: valkey.commands, trips: valkey.trips };
  };
  for (const centre of [spot, { lat: 41.15, lon: -8.61 }, { lat: 41.09, lon: -8.8 }]) {
    for (const limit of [1, 10, 100]) {
      const { visited, commands, trips } = await work(centre, limit);
      // A leaf has up to 32 entries, of which a few are wanted; and 16 levels of four nodes lead down to the first.
      expect(visited).toBeLessThan(40 * (limit + 20));
      expect(commands).toBeLessThan(12 * (limit + 20) + 200);
      expect(trips).toBeLessThanOrEqual(2);
    }
  }
});

test('with a crowd of stale ones in front, the search ends and says no more than it knows', async () => {
  const centre = { lat: 41.15, lon: -8.61 };
  const vehicles = Array.from({ length: 20_000 }, (_, i): Vehicle => ({ device: `v${i}`, time: FRESH - 1, ...centre }));
  await placeCrowd([...vehicles, { device: 'fresh', time: NOW, lat: 41.16, lon: -8.61 }]);
  valkey.reset();
  await near.nearest(centre, 5_000, 1, FRESH);
  expect(valkey.visited).toBeLessThan(20_000);
});

test('an entry that a device left behind in another cell is not found there', async () => {
  const [there, here] = [
    { lat: 41.15, lon: -8.61 },
    { lat: 30.27, lon: -97.74 },
  ];
  await place([{ device: 'a', time: NOW - 10, ...there }]);
  await place([{ device: 'a', time: NOW - 5, ...here }]);
  expect(await near.nearest(there, 20_000, 5, FRESH)).toEqual([]);
  expect(await near.inBox({ west: -9, south: 41, east: -8, north: 42 }, 5, FRESH)).toEqual([]);
  expect(await near.nearest(here, 20_000, 5, FRESH)).toMatchObject([{ device: 'a', distance: 0 }]);
});

test.each([
  ['a way off', { lat: 41.151, lon: -8.61 }],
  ['on the same spot', { lat: 41.15, lon: -8.61 }],
])('many entries left behind don’t hide one that is there, %s', async (_, spot) => {
  const [here, there] = [
    { lat: 41.15, lon: -8.61 },
    { lat: 30.27, lon: -97.74 },
  ];
  const moved = Array.from({ length: 200 }, (_, i): Vehicle => ({ device: `moved${i}`, time: NOW - 10, ...here }));
  await place(moved);
  await place(moved.map((one) => ({ ...one, ...there, time: NOW - 5 })));
  await place([{ device: 'stays', time: NOW, ...spot }]);
  expect(await near.nearest(here, 1_000, 5, FRESH)).toMatchObject([{ device: 'stays' }]);
});

test('a device that crossed into another cell is found once', async () => {
  await place([{ device: 'a', time: NOW - 10, lat: 0.001, lon: 0.001 }]);
  await place([{ device: 'a', time: NOW - 5, lat: -0.001, lon: -0.001 }]);
  expect(await near.nearest({ lat: 0, lon: 0 }, 1_000, 5, FRESH)).toMatchObject([{ position: { time: NOW - 5 } }]);
  const box = { west: -0.1, south: -0.1, east: 0.1, north: 0.1 };
  expect(await near.inBox(box, 5, FRESH)).toMatchObject([{ position: { time: NOW - 5 } }]);
});

test('a late batch moves nothing back', async () => {
  await place([{ device: 'a', time: NOW, lat: 41.15, lon: -8.61 }]);
  await place([{ device: 'a', time: NOW - 1_000, lat: 41.16, lon: -8.61 }]);
  await place([{ device: 'a', time: NOW - 1_000, lat: 30.27, lon: -97.74 }]);
  await place([{ device: 'a', time: FRESH - 1, lat: 41.15, lon: -8.61 }]);
  expect(await near.nearest({ lat: 41.15, lon: -8.61 }, 5_000, 5, FRESH)).toMatchObject([{ distance: 0 }]);
  expect(await near.nearest({ lat: 30.27, lon: -97.74 }, 5_000, 5, FRESH)).toEqual([]);
});

test('the sweep takes out who is silent, tells each once, and keeps who went on elsewhere', async () => {
  const porto = { lat: 41.15, lon: -8.61 };
  const silent = Array.from({ length: 450 }, (_, i): Vehicle => ({ device: `silent${i}`, time: FRESH - 10, ...porto }));
  await place([...silent, { device: 'fresh', time: NOW, ...porto }, { device: 'moved', time: FRESH - 5, ...porto }]);
  await place([{ device: 'moved', time: NOW, lat: 30.27, lon: -97.74 }]);
  const gone = await near.removeStale(FRESH, NOW);
  expect(gone.map(({ device }) => device).sort()).toEqual(silent.map(({ device }) => device).sort());
  expect(distance(gone[0] ?? { lat: 0, lon: 0 }, porto)).toBeLessThan(1);
  expect(gone[0]?.time).toBe(FRESH - 10);
  expect(await near.removeStale(FRESH, NOW)).toEqual([]);
  expect(await near.nearest(porto, 100, 5, 0)).toMatchObject([{ device: 'fresh' }]);
});

test('cells are forgotten once they are empty and nobody wrote to them for a while', async () => {
  await place([{ device: 'a', time: NOW - 1_000, lat: 41.15, lon: -8.61 }]);
  const shard = async () => (await valkey.run([['ZCARD', `cells:{${cellAt({ lat: 41.15, lon: -8.61 }, 2)}}`]]))[0];
  expect(await shard()).toBe(1);
  await near.removeStale(NOW, NOW);
  expect(await shard()).toBe(1);
  await near.removeStale(NOW, NOW + 700_000);
  expect(await shard()).toBe(0);
});

test('beyond 85.05° devices are found, by their true distance', async () => {
  await place([{ device: 'pole', time: NOW, lat: 89.5, lon: 10 }]);
  const found = await near.nearest({ lat: 89.6, lon: 10 }, 20_000, 5, FRESH);
  expect(found).toMatchObject([{ device: 'pole', position: { lat: 89.5 } }]);
  expect(found[0]?.distance).toBeCloseTo(11_119.5, 0);
});
