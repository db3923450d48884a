import { StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

let client: StackClient;
let operator: string;
const now = Date.now();
const range = `from=${now - 3_600_000}&to=${now + 60_000}`;
const point = { time: now, lat: 41.15, lon: -8.61, speed: 5, heading: 10 };

beforeAll(async () => {
  client = new StackClient(await startedStack('without-search', ['--search', 'none']));
  operator = await client.token('olga', 'operator');
  await client.report([{ deviceId: 'taxi-1', taskId: 'trip-1', points: [point] }]);
  await client.settled();
});

const read = (path: string) => client.request(path, { token: operator });

test('a search over HTTP says that there is none', async () => {
  const { status, headers, body } = await read(`/v1/search?${range}`);
  expect({ status, code: body.code, type: headers.get('content-type') }).toEqual({
    status: 503,
    code: 'search_unavailable',
    type: 'application/problem+json',
  });
});

test('a search over WebSocket says that there is none, and the socket goes on', async () => {
  const socket = await client.socket(operator);
  const error = await socket.ask({ type: 'search', id: 'past', from: now - 60_000, to: now }, () => true);
  expect(error).toMatchObject({ type: 'error', id: 'past', code: 'search_unavailable' });
  await socket.ask({ type: 'ping' }, ({ type }) => type === 'pong');
  socket.close();
});

test('a mistake in a search is told as it would be with a domain', async () => {
  expect(await read('/v1/search?from=2&to=1')).toMatchObject({ status: 400, body: { code: 'empty_range' } });
});

test('positions are taken, and read as latest, nearby and track', async () => {
  const position = { device: 'taxi-1', task: 'trip-1', ...point };
  expect(await read('/v1/devices/taxi-1/position')).toMatchObject({ status: 200, body: position });
  const { body: nearby } = await read('/v1/nearby?lat=41.15&lon=-8.61');
  expect(nearby.positions).toMatchObject([{ vehicle: 'taxi-1', distance: 0 }]);
  const onTrack = { positions: [{ task: 'trip-1', ...point }] };
  expect(await read('/v1/tracks/taxi-1/trip-1')).toMatchObject({ status: 200, body: onTrack });
  expect(await read(`/v1/devices/taxi-1/tracks?${range}`)).toMatchObject({ status: 200, body: onTrack });
});

test('who watches sees the vehicle move', async () => {
  const socket = await client.socket(operator);
  const viewport = { west: -8.7, south: 41.1, east: -8.5, north: 41.2 };
  const snapshot = await socket.ask({ type: 'subscribe', id: 'map', viewport }, ({ type }) => type === 'snapshot');
  expect(snapshot.positions).toMatchObject([{ vehicle: 'taxi-1', lat: 41.15 }]);
  await client.report([{ deviceId: 'taxi-1', points: [{ ...point, time: Date.now(), lat: 41.16 }] }]);
  await socket.frame(({ type, positions }) => type === 'positions' && positions[0]?.lat === 41.16);
  socket.close();
});

test('nothing piles up: no consumer has failed, and none reads for an index that is not there', async () => {
  await client.settled();
  const { mappings } = await client.control('GET', 'status');
  expect(
    mappings.map(({ givenUp, failedInvocations }: Record<string, number>) => [givenUp, failedInvocations]),
  ).toEqual(mappings.map(() => [0, 0]));
  expect(mappings.some(({ name }: { name: string }) => /search/i.test(name))).toBe(false);
  expect(await client.control('GET', 'failures')).toEqual([]);
});
