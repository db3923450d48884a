import Redis from 'ioredis';
import { topicsOf } from '../../lambdas/live/topics';
import { environments } from '../../lib/environments';
import { eventually, type SocketClient, StackClient, startedStack, untilNamesHold } from './stack';

jest.setTimeout(300_000);

const { staleAfterSeconds, framesPerSecond } = environments.dev.live;

let client: StackClient;
let operator: string;
let viewer: string;

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  operator = await client.token('live-operator', 'operator');
  viewer = await client.token('live-viewer', 'viewer');
});

const sockets: SocketClient[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function connect(token: string): Promise<SocketClient> {
  const socket = await client.socket(token);
  sockets.push(socket);
  return socket;
}

/** Each test has a place of its own on earth, and vehicles of its own. */
let places = 0;
const degrees = (value: number) => Number(value.toFixed(6));
function newPlace() {
  const west = degrees(-170 + 2 * ++places + (Date.now() % 1_999) / 1_000);
  const inside = { lat: -62.95, lon: degrees(west + 0.05) };
  return {
    taxi: `live-${Date.now()}-${places}`,
    viewport: { west, south: -63, east: degrees(west + 0.1), north: -62.9 },
    inside,
    outside: { ...inside, lon: degrees(west + 0.3) },
  };
}

type LatLon = { lat: number; lon: number };
const north = (place: LatLon, by: number): LatLon => ({ ...place, lat: degrees(place.lat + by) });
const report = (deviceId: string, place: LatLon, time = Date.now()) =>
  client.report([{ deviceId, points: [{ time, ...place }] }]);

/** Subscribes. @returns the snapshot */
const subscribe = (socket: SocketClient, id: string, follows: object) =>
  socket.ask({ type: 'subscribe', id, ...follows }, (frame) => frame.id === id && frame.type !== 'positions');

/** Waits for the frame that tells of a vehicle at a place. */
const shows = (socket: SocketClient, vehicle: string, { lat, lon }: LatLon) =>
  socket.frame(
    ({ type, positions }) =>
      type === 'positions' &&
      positions.some(
        (each: LatLon & { vehicle: string }) => each.vehicle === vehicle && each.lat === lat && each.lon === lon,
      ),
  );

/** Every vehicle that a socket has heard of. */
const heardOf = ({ frames }: SocketClient) =>
  new Set(
    frames.flatMap(({ positions = [], left = [] }) => [
      ...positions.map(({ vehicle }: { vehicle: string }) => vehicle),
      ...left,
    ]),
  );

test('a snapshot has what is in view; then each move in the box is told, none outside of it', async () => {
  const { taxi, viewport, inside, outside } = newPlace();
  const [still, stranger] = [`${taxi}-still`, `${taxi}-stranger`];
  await report(still, inside);
  await report(stranger, outside);
  const socket = await connect(operator);
  const snapshot = await subscribe(socket, 'map', { viewport });
  expect(snapshot).toMatchObject({ type: 'snapshot', positions: [{ vehicle: still, ...inside }], left: [] });

  await report(stranger, north(outside, 0.01));
  await report(taxi, inside);
  await shows(socket, taxi, inside);
  const further = north(inside, 0.01);
  await report(taxi, further);
  await shows(socket, taxi, further);
  expect([...heardOf(socket)].sort()).toEqual([taxi, still].sort());
});

test('who drives out of the box is told as left, once', async () => {
  const { taxi, viewport, inside, outside } = newPlace();
  await report(taxi, inside);
  const socket = await connect(operator);
  await subscribe(socket, 'map', { viewport });
  await client.settled();
  await report(taxi, outside);
  expect(await socket.frame(({ left }) => left?.length > 0)).toEqual({
    type: 'positions',
    id: 'map',
    positions: [],
    left: [taxi],
  });
  await report(taxi, north(outside, 0.01));
  const back = north(inside, -0.01);
  await report(taxi, back);
  await shows(socket, taxi, back);
  expect(socket.frames.flatMap(({ left = [] }) => left)).toEqual([taxi]);
});

test('a late position moves nobody back', async () => {
  const { taxi, viewport, inside } = newPlace();
  const socket = await connect(operator);
  await subscribe(socket, 'map', { viewport });
  const now = Date.now();
  await report(taxi, inside, now);
  await shows(socket, taxi, inside);
  await report(taxi, north(inside, 0.01), now - 5_000);
  await client.settled();
  const last = north(inside, 0.02);
  await report(taxi, last, now + 1);
  await shows(socket, taxi, last);
  const told = socket.frames.flatMap(({ positions }) => positions.map(({ time }: { time: number }) => time));
  expect(told).toEqual([now, now + 1]);
});

test('who falls silent leaves at the sweep', async () => {
  const { taxi, viewport, inside } = newPlace();
  const socket = await connect(operator);
  // Almost stale already: shown for the rest of its time, which the test waits out.
  await report(taxi, inside, Date.now() - staleAfterSeconds * 1_000 + 5_000);
  const snapshot = await subscribe(socket, 'map', { viewport });
  expect(snapshot.positions).toMatchObject([{ vehicle: taxi }]);
  const left = await eventually(async () => {
    // A sweep flushes for a while: nothing is to be gained by waiting for its end.
    client.control('POST', 'schedules/Live/fire').catch(() => undefined);
    return socket.frame((frame) => frame.left?.includes(taxi), 0, 2_000).catch(() => undefined);
  }, 90_000);
  expect(left).toMatchObject({ id: 'map', positions: [], left: [taxi] });
  const { positions } = await subscribe(await connect(operator), 'map', { viewport });
  expect(positions).toEqual([]);
});

test('a viewer sees a pseudonym, one name all along; an operator the true id', async () => {
  await untilNamesHold();
  const { taxi, viewport, inside, outside } = newPlace();
  await report(taxi, inside);
  const [watching, operating] = [await connect(viewer), await connect(operator)];
  const { positions } = await subscribe(watching, 'map', { viewport });
  await subscribe(operating, 'map', { viewport });
  const name: string = positions[0].vehicle;
  expect(name).not.toContain(taxi);
  const further = north(inside, 0.01);
  await report(taxi, further);
  await shows(watching, name, further);
  await shows(operating, taxi, further);
  await report(taxi, outside);
  await watching.frame(({ left }) => left?.includes(name));
  expect(JSON.stringify(watching.frames)).not.toContain(taxi);
  expect([...heardOf(operating)]).toEqual([taxi]);
});

test('a connection has several subscriptions; one that is over is silent, the others go on', async () => {
  const [here, there] = [newPlace(), newPlace()];
  const socket = await connect(operator);
  await subscribe(socket, 'here', { viewport: here.viewport });
  await subscribe(socket, 'there', { viewport: there.viewport });
  await report(here.taxi, here.inside);
  await report(there.taxi, there.inside);
  await shows(socket, here.taxi, here.inside);
  await shows(socket, there.taxi, there.inside);
  expect(await socket.ask({ type: 'ping' }, ({ type }) => type === 'pong')).toMatchObject({
    subscriptions: expect.arrayContaining(['here', 'there']),
  });
  await socket.ask({ type: 'unsubscribe', id: 'here' }, ({ type }) => type === 'unsubscribed');
  const start = socket.frames.length;
  await report(here.taxi, north(here.inside, 0.01));
  await client.settled();
  const further = north(there.inside, 0.01);
  await report(there.taxi, further);
  await shows(socket, there.taxi, further);
  expect(socket.frames.slice(start).map(({ id }) => id)).toEqual(['there']);
});

test('a device follows itself and an operator any, wherever they go; to others it does not exist', async () => {
  const { taxi, inside, outside } = newPlace();
  await report(taxi, inside);
  const own = await connect(await client.token(taxi, 'device'));
  for (const socket of [own, await connect(operator)]) {
    const snapshot = await subscribe(socket, 'it', { device: taxi });
    expect(snapshot).toMatchObject({ type: 'snapshot', positions: [{ vehicle: taxi, ...inside }] });
  }
  await report(taxi, outside);
  await shows(own, taxi, outside);
  const nobody = await connect(viewer);
  expect(await subscribe(nobody, 'it', { device: taxi })).toMatchObject({ type: 'error', id: 'it', code: 'not_found' });
  // A map is for viewers and operators.
  const { viewport } = newPlace();
  expect(await subscribe(own, 'map', { viewport })).toMatchObject({ type: 'error', code: 'role_missing' });
});

test('a burst reaches a client in few frames, with the newest of each vehicle at the end', async () => {
  const { taxi, viewport, inside } = newPlace();
  const socket = await connect(operator);
  await subscribe(socket, 'map', { viewport });
  const start = Date.now();
  const rounds = 40;
  const names = Array.from({ length: 5 }, (_, index) => `${taxi}-${index}`);
  for (let round = 1; round <= rounds; round++) {
    const points = [{ time: start + round, ...north(inside, round / 10_000) }];
    await client.report(names.map((deviceId) => ({ deviceId, points })));
  }
  const last = (vehicle: string) =>
    socket.frame(({ positions = [] }) =>
      positions.some(
        (each: { vehicle: string; time: number }) => each.vehicle === vehicle && each.time === start + rounds,
      ),
    );
  for (const name of names) await last(name);
  const frames = socket.frames.filter(({ type }) => type === 'positions');
  const seconds = (Date.now() - start) / 1_000;
  expect(frames.length).toBeLessThanOrEqual(Math.ceil(seconds * framesPerSecond) + 1);
  for (const { positions } of frames) {
    const vehicles = positions.map(({ vehicle }: { vehicle: string }) => vehicle);
    expect(new Set(vehicles).size).toBe(vehicles.length);
  }
});

/** How many follow a place, as Valkey has it. */
async function subscribers(viewport: Parameters<typeof topicsOf>[0]): Promise<number> {
  const { engines } = await client.control('GET', 'status');
  const { hostname, port } = new URL(engines.find(({ name }: { name: string }) => name === 'valkey').url);
  const redis = new Redis({ host: hostname, port: Number(port), username: 'keeper', password: 'any' });
  const { topics } = topicsOf(viewport);
  const counts = await Promise.all(topics.map((topic) => redis.zcard(`subs:{${topic}}`)));
  redis.disconnect();
  return Math.max(...counts);
}

test('a connection that is gone leaves nothing behind, and holds nobody up', async () => {
  const { taxi, viewport, inside } = newPlace();
  const [dead, alive] = [await connect(operator), await connect(operator)];
  await subscribe(dead, 'map', { viewport });
  await subscribe(alive, 'map', { viewport });
  expect(await subscribers(viewport)).toBe(2);
  dead.close();
  await eventually(async () => (await subscribers(viewport)) === 1);
  await report(taxi, inside);
  await shows(alive, taxi, inside);
});
