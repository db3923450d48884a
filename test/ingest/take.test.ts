import type { Identity, Role } from '../../lambdas/contract/identity';
import { Positions } from '../../lambdas/ingest/store';
import { admit, type Ingest, take } from '../../lambdas/ingest/take';
import { Limiter } from '../../lambdas/platform/limiter';
import { lines } from '../../lambdas/platform/log';
import { StreamWriter } from '../../lambdas/platform/stream-writer';
import { CountingValkey, FakeStream, refusing, unreachable } from './fakes';

const now = Date.UTC(2026, 6, 1, 12);
const env = {
  VALKEY_URL: 'redis://127.0.0.1:1',
  VALKEY_USER: 'app',
  VALKEY_CACHE: 'hot',
  AWS_REGION: 'eu-west-1',
  POSITIONS_STREAM: 'positions',
  RETENTION_DAYS: 30,
  DEVICE_RATE: 3,
  DEVICE_BURST: 5,
  ADDRESS_RATE: 3,
  ADDRESS_BURST: 5,
};
const point = (time: number) => ({ time, lat: 41.1496, lon: -8.6109 });
const sender = (sub: string, ...roles: Role[]) => ({
  identity: { sub, roles: new Set(roles) } satisfies Identity,
  sourceIp: '192.0.2.1',
  now,
});
const taxi = sender('taxi-1', 'device');

function stand(valkey = new CountingValkey(), stream = new FakeStream()): Ingest {
  const positions = new Positions(new StreamWriter(stream.client, 'positions'), valkey);
  return { env, limiter: new Limiter(valkey), positions };
}

beforeEach(() => {
  jest.spyOn(lines, 'error').mockImplementation(() => undefined);
  jest.spyOn(lines, 'log').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

test('a report costs one stream call, and one Valkey round trip before and one after it', async () => {
  const [valkey, stream] = [new CountingValkey(), new FakeStream()];
  const ingest = stand(valkey, stream);
  const devices = Array.from({ length: 300 }, (_, i) => ({
    deviceId: `taxi-${i}`,
    points: [point(now - i), point(now)],
  }));
  await admit(ingest, taxi);
  expect(valkey.trips).toHaveLength(1);
  await take(ingest, { points: [point(now), { ...point(now - 1), lat: 30 }] }, taxi);
  expect([stream.calls.length, valkey.trips.length]).toEqual([1, 2]);
  const feeder = sender('feed', 'feeder');
  await admit(ingest, feeder);
  await take(ingest, { devices }, feeder);
  expect([stream.calls.length, valkey.trips.length]).toEqual([2, 3]);
});

test('what is accepted is in the stream, by device and task', async () => {
  const stream = new FakeStream();
  const receipt = await take(stand(undefined, stream), { taskId: 'trip', points: [point(now), { time: 1 }] }, taxi);
  expect(receipt).toMatchObject({ accepted: 1, refused: [{ pointer: '/points/1/lat' }], serverTime: now });
  expect(stream.batches).toEqual([[{ device: 'taxi-1', task: 'trip', at: now, points: [point(now)] }]]);
  expect(stream.calls[0]?.Records?.[0]?.PartitionKey).toBe('taxi-1');
});

test('where nothing is valid, nothing is written, and the answer says why and what time it is', async () => {
  const [valkey, stream] = [new CountingValkey(), new FakeStream()];
  const attempt = take(stand(valkey, stream), { points: [{ ...point(now), lat: 91 }] }, taxi);
  await expect(attempt).rejects.toMatchObject({
    status: 422,
    code: 'nothing_valid',
    extras: { serverTime: now, refused: [{ pointer: '/points/0/lat', code: 'out_of_range' }] },
  });
  expect([stream.calls.length, valkey.trips.length]).toEqual([0, 0]);
});

test('without Valkey reports are taken all the same', async () => {
  const valkey = new CountingValkey();
  valkey.away = true;
  const ingest = stand(valkey);
  await admit(ingest, taxi);
  await expect(take(ingest, { points: [point(now)] }, taxi)).resolves.toMatchObject({ accepted: 1 });
});

test('without Valkey the limits still hold, within one instance', async () => {
  const valkey = new CountingValkey();
  valkey.away = true;
  const ingest = stand(valkey);
  for (let i = 0; i < 5; i++) await admit(ingest, taxi);
  await expect(admit(ingest, taxi)).rejects.toMatchObject({ status: 503, code: 'rate_limited' });
  await expect(admit(ingest, { ...taxi, now: now + 400 })).resolves.toBeUndefined();
});

test('beyond its limit a device is told when to come back; a feeder has none', async () => {
  const valkey = new CountingValkey(1_200);
  const ingest = stand(valkey);
  await expect(admit(ingest, taxi)).rejects.toMatchObject({
    status: 503,
    code: 'rate_limited',
    extras: { retryAfterSeconds: 2 },
  });
  await admit(ingest, sender('feed', 'feeder'));
  expect(valkey.trips).toHaveLength(1);
});

test.each<[string, Role[], object]>([
  ['a viewer', ['viewer'], { points: [point(now)] }],
  ['an operator', ['operator'], { points: [point(now)] }],
  ['a device for others', ['device'], { devices: [{ deviceId: 'b', points: [point(now)] }] }],
  ['a feeder for itself', ['feeder'], { points: [point(now)] }],
])('%s may not report', async (_, roles, body) => {
  const ingest = stand();
  const attempt = async () => {
    await admit(ingest, sender('a', ...roles));
    await take(ingest, body, sender('a', ...roles));
  };
  await expect(attempt()).rejects.toMatchObject({ status: 403, code: 'role_missing' });
});

test('records that the stream refused are sent again, alone', async () => {
  const stream = new FakeStream(refusing(1), refusing());
  const devices = ['a', 'b', 'c'].map((deviceId) => ({ deviceId, points: [point(now)] }));
  await take(stand(undefined, stream), { devices }, sender('feed', 'feeder'));
  expect(stream.batches.map((call) => call.map(({ device }) => device))).toEqual([['a', 'b', 'c'], ['b']]);
});

test('a stream that keeps refusing is a 503, and nothing is told to the hot stores', async () => {
  const [valkey, stream] = [new CountingValkey(), new FakeStream(refusing(0))];
  await expect(take(stand(valkey, stream), { points: [point(now)] }, taxi)).rejects.toMatchObject({
    status: 503,
    code: 'stream_unavailable',
    extras: { retryAfterSeconds: expect.any(Number) },
  });
  expect(stream.calls).toHaveLength(4);
  expect(valkey.trips).toHaveLength(0);
});

test('a stream that can’t be reached is a 503', async () => {
  const attempt = take(stand(undefined, new FakeStream(unreachable)), { points: [point(now)] }, taxi);
  await expect(attempt).rejects.toMatchObject({ status: 503, code: 'stream_unavailable' });
});

test('a point of each of 600 days makes 600 records: two calls', async () => {
  const stream = new FakeStream();
  const ingest = { ...stand(undefined, stream), env: { ...env, RETENTION_DAYS: 1_000 } };
  const points = Array.from({ length: 600 }, (_, day) => point(now - day * 86_400_000));
  await expect(take(ingest, { points }, taxi)).resolves.toMatchObject({ accepted: 600 });
  expect(stream.batches.map((call) => call.length)).toEqual([500, 100]);
});
