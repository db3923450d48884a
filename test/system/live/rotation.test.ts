import { Near } from '../../../lambdas/contract/hot/near';
import { shownBy, toNearby, trueNames } from '../../../lambdas/latest/decide';
import { showPositions } from '../../../lambdas/live/positions';
import type { Room } from '../../../lambdas/live/room';
import { subscribe } from '../../../lambdas/live/subscribe';
import { sweep } from '../../../lambdas/live/sweep';
import { batch, index, newConnection, newPlace, request, startValkey, Town } from './fixture';

let valkey: Awaited<ReturnType<typeof startValkey>>;
beforeAll(async () => {
  valkey = await startValkey();
}, 120_000);
afterAll(() => valkey.stop());
afterEach(() => jest.restoreAllMocks());

const minutes = 5;
const silenceSeconds = 60;
const PERIOD = minutes * 60_000;
const LONGEST = silenceSeconds * 1_000;
/** Two changes lie ahead. Valkey's own clock runs on: what it forgets, it forgets by real time. */
const START = Math.ceil(Date.now() / PERIOD) * PERIOD + PERIOD / 2;
const CHANGES = [START + PERIOD / 2, START + 1.5 * PERIOD];
const END = START + 2 * PERIOD;

const town = () => new Town(valkey.engine.url, 1_000, { minutes, silenceSeconds });

/** A clock that stands where it is set. */
function clockAt(time: number): { set(time: number): void } {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(time);
  return { set: (to) => clock.mockReturnValue(to) };
}

type Place = { lat: number; lon: number };

/** What a viewer or an operator is answered who asks what is nearby. */
async function nearby(room: Room, place: Place, now: number, role: 'viewer' | 'operator', limit = 10) {
  const nameAt = role === 'operator' ? trueNames : (await room.pseudonyms.at(now)).nameAt;
  const found = await new Near(room.valkey).nearest(place, 20_000, limit, now - 60_000, shownBy(nameAt));
  return toNearby(found, nameAt).positions.map(({ vehicle }) => vehicle);
}

const follow = async (room: Room, viewport: object, now: number, role: 'viewer' | 'operator' = 'viewer') => {
  const connection = newConnection();
  await subscribe(room, { type: 'subscribe', id: 'map', viewport }, { ...request(connection, role), now });
  return connection;
};

test('who watches two changes sees no two names of a vehicle together, and a silence between them, by every way', async () => {
  const clock = clockAt(START);
  const here = town();
  const room = here.room();
  const { taxi, viewport, inside } = newPlace();
  const [viewer, operator] = [await follow(room, viewport, START), await follow(room, viewport, START, 'operator')];
  const shown: { now: number; names: string[] }[] = [];
  for (let now = START; now < END; now += 2_000) {
    clock.set(now);
    const seen = here.clients.of(viewer).length;
    await index(room, taxi, { time: now, ...inside });
    await showPositions(room, [batch(taxi, { time: now, ...inside })], now);
    const late = await follow(room, viewport, now);
    const [snapshot] = here.clients.of(late);
    const frames = here.clients.of(viewer).slice(seen);
    for (const { positions, left } of frames) {
      expect(new Set([...left, ...positions.map(({ vehicle }: { vehicle: string }) => vehicle)]).size).toBe(1);
    }
    const told = frames.flatMap(({ positions }) => positions.map(({ vehicle }: { vehicle: string }) => vehicle));
    const asked = await nearby(room, inside, now, 'viewer');
    const caught = snapshot.positions.map(({ vehicle }: { vehicle: string }) => vehicle);
    expect({ now, asked, caught }).toEqual({ now, asked: told, caught: told });
    expect(snapshot.names).toEqual({ until: expect.any(Number), everyMs: PERIOD });
    shown.push({ now, names: told });
    expect(await nearby(room, inside, now, 'operator')).toEqual([taxi]);
  }
  const names = [...new Set(shown.flatMap((each) => each.names))];
  expect(names).toHaveLength(3);
  for (const [index, change] of CHANGES.entries()) {
    const last = shown.findLast((each) => each.names.includes(names[index] ?? ''))?.now ?? 0;
    const first = shown.find((each) => each.names.includes(names[index + 1] ?? ''))?.now ?? 0;
    expect(last).toBeLessThan(change);
    expect(first).toBeGreaterThan(change);
    expect(first - last).toBeGreaterThanOrEqual(LONGEST / 3);
    expect(first - last).toBeLessThanOrEqual(LONGEST + 4_000);
  }
  // Each name leaves once, as its silence begins.
  expect(here.clients.of(viewer).flatMap(({ left }) => left)).toEqual(names.slice(0, 2));
  expect(JSON.stringify(here.clients.of(viewer))).not.toContain(taxi);
  expect(here.clients.of(operator).flatMap(({ left }) => left)).toEqual([]);
  expect(here.clients.of(operator)).toHaveLength(shown.length + 1);
}, 120_000);

test('who reports too seldom to be seen falling silent is gone from all views at the change, and never told to leave', async () => {
  const [change = 0] = CHANGES;
  const clock = clockAt(change - 50_000);
  const here = town();
  const room = here.room();
  const { taxi, viewport, inside } = newPlace();
  const viewer = await follow(room, viewport, change - 50_000);
  const move = async (time: number) => {
    clock.set(time);
    await index(room, taxi, { time, ...inside });
    await showPositions(room, [batch(taxi, { time, ...inside })], time);
  };
  await move(change - 50_000);
  expect(here.clients.view(viewer).size).toBe(1);
  clock.set(change);
  expect(here.clients.of(await follow(room, viewport, change))[0].positions).toEqual([]);
  expect(await nearby(room, inside, change, 'viewer')).toEqual([]);
  await move(change + 50_000);
  const [, before, after, ...more] = here.clients.of(viewer);
  expect([before.positions.length, before.left, after.positions.length, after.left, more]).toEqual([1, [], 1, [], []]);
  expect(after.positions[0].vehicle).not.toBe(before.positions[0].vehicle);
});

test('a position from before the change that comes after it is shown to no viewer', async () => {
  const [change = 0] = CHANGES;
  const clock = clockAt(change - 100_000);
  const here = town();
  const room = here.room();
  const { taxi, viewport, inside } = newPlace();
  const viewer = await follow(room, viewport, change - 100_000);
  clock.set(change + 40_000);
  await index(room, taxi, { time: change - 40_000, ...inside });
  await showPositions(room, [batch(taxi, { time: change - 40_000, ...inside })], change + 40_000);
  expect(here.clients.of(viewer)).toHaveLength(1);
  expect(await nearby(room, inside, change + 40_000, 'viewer')).toEqual([]);
  await sweep(room, change + 40_000 + 60_001);
  expect(here.clients.of(viewer).flatMap(({ left }) => left)).toEqual([]);
});

test('who is withheld is not missed in a list either: the nearest that a viewer gets are the nearest it may see', async () => {
  const [change = 0] = CHANGES;
  clockAt(change + 1_000);
  const room = town().room();
  const { taxi, inside } = newPlace();
  // Everybody is silent at the change but this one, which stands furthest away and whose clock is ahead.
  for (let each = 0; each < 12; each++) {
    await index(room, `${taxi}-${each}`, { time: change, lat: inside.lat, lon: inside.lon + each / 100_000 });
  }
  await index(room, taxi, { time: change + LONGEST, lat: inside.lat + 0.01, lon: inside.lon });
  expect(await nearby(room, inside, change + 1_000, 'operator', 1)).toEqual([`${taxi}-0`]);
  expect(await nearby(room, inside, change + 1_000, 'viewer', 1)).toHaveLength(1);
});
