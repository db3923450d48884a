import { digestOf, formatKey, KEY_BYTES, type KeyItem, newKey } from '../../lambdas/contract/device-key';
import { Keys } from '../../lambdas/ingest/apps/keys';
import { type AppDoor, serve } from '../../lambdas/ingest/apps/serve';
import { Positions } from '../../lambdas/ingest/store';
import type { OpenRequest } from '../../lambdas/platform/http';
import { Limiter } from '../../lambdas/platform/limiter';
import { lines } from '../../lambdas/platform/log';
import { StreamWriter } from '../../lambdas/platform/stream-writer';
import { CountingValkey, FakeStream, unreachable } from '../ingest/fakes';
import { feedOf } from './feed';

const now = Date.UTC(2026, 6, 1, 12);
const env = {
  VALKEY_URL: 'redis://127.0.0.1:1',
  VALKEY_USER: 'app',
  VALKEY_CACHE: 'hot',
  AWS_REGION: 'eu-west-1',
  POSITIONS_STREAM: 'positions',
  RETENTION_DAYS: 400,
  DEVICE_RATE: 3,
  DEVICE_BURST: 5,
  ADDRESS_RATE: 3,
  ADDRESS_BURST: 5,
  APP_RATE: 10,
  APP_BURST: 100,
};

const phone = newKey('bike-7', new Uint8Array(KEY_BYTES).fill(3));
const feed = newKey('stcp', new Uint8Array(KEY_BYTES).fill(4));
const item = ({ device, id, secret }: typeof phone, role: KeyItem['role']): KeyItem => ({
  device,
  key: id,
  digest: digestOf(secret),
  role,
  created: 1,
});

/** A table of keys that counts how often it is asked. */
class Table {
  asked = 0;
  readonly items = [item(phone, 'device'), item(feed, 'feeder')];

  async get(key: Readonly<Record<string, string>>) {
    this.asked += 1;
    return this.items.find(({ device, key: id }) => device === key.device && id === key.key);
  }
}

function stand(valkey = new CountingValkey(), stream = new FakeStream(), table = new Table()): AppDoor {
  const positions = new Positions(new StreamWriter(stream.client, 'positions'), valkey);
  return { env, limiter: new Limiter(valkey), positions, valkey, keys: new Keys(table) };
}

interface Asked {
  app?: string;
  key?: string;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  body?: string | Buffer;
}

const request = ({ app = 'osmand', key, headers = {}, query = {}, body = '' }: Asked): OpenRequest => {
  const event = { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
  return {
    route: 'GET /v1/apps/{app}/{key}',
    path: { app, key },
    query,
    headers,
    sourceIp: '192.0.2.1',
    event: event as unknown as OpenRequest['event'],
    now,
  };
};

const place = { lat: '41.1496', lon: '-8.6109', timestamp: String(now) };
const bodyOf = async (answer: ReturnType<typeof serve>) => JSON.parse((await answer).body ?? '');

beforeEach(() => {
  jest.spyOn(lines, 'error').mockImplementation(() => undefined);
  jest.spyOn(lines, 'log').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

test('a point is in the stream as the device’s own, for one read of the table and two round trips to Valkey', async () => {
  const [valkey, stream, table] = [new CountingValkey(), new FakeStream(), new Table()];
  const answer = await serve(stand(valkey, stream, table), request({ key: formatKey(phone), query: place }));
  expect(answer.statusCode).toBe(200);
  expect(stream.batches).toEqual([
    [{ device: 'bike-7', task: '2026-07-01', at: now, points: [{ time: now, lat: 41.1496, lon: -8.6109 }] }],
  ]);
  expect([table.asked, valkey.trips.length]).toEqual([1, 2]);
});

test('a feed’s vehicles are reported by it', async () => {
  const stream = new FakeStream();
  const body = feedOf([{ id: '9', trip: 't', lat: 41.25, lon: -8.5, timestamp: now / 1_000 }]);
  await serve(stand(undefined, stream), request({ app: 'gtfs-realtime', key: formatKey(feed), body }));
  expect(stream.batches).toMatchObject([[{ device: 'stcp:9', task: 't', by: 'stcp' }]]);
});

test.each<[string, Asked, number, string]>([
  ['no key', { query: place }, 401, 'key_unknown'],
  ['a key of another secret', { key: `${formatKey(phone).slice(0, -1)}4`, query: place }, 401, 'key_unknown'],
  ['a key that is revoked', { key: formatKey(newKey('x', new Uint8Array(KEY_BYTES))) }, 401, 'key_unknown'],
  ['another app', { app: 'nothing', key: formatKey(phone) }, 404, 'app_unknown'],
  ['a name that every object has', { app: 'constructor', key: formatKey(phone) }, 404, 'app_unknown'],
  ['a phone’s key for a feed', { app: 'gtfs-realtime', key: formatKey(phone) }, 403, 'role_missing'],
  ['a feed’s key for a phone', { key: formatKey(feed), query: place }, 403, 'role_missing'],
  ['half a body', { app: 'overland', key: formatKey(phone), body: '{"loc' }, 400, 'malformed_json'],
  ['another app’s body', { app: 'overland', key: formatKey(phone), body: '[]' }, 400, 'not_understood'],
  ['more than a megabyte', { key: formatKey(phone), body: ' '.repeat(1_048_577) }, 413, 'too_large'],
  [
    'more points than any app has waiting',
    { app: 'traccar', key: formatKey(phone), body: `[${'{},'.repeat(5_000)}{}]` },
    400,
    'too_many_points',
  ],
])('%s is refused, and the stream is not asked', async (_, asked, status, code) => {
  const stream = new FakeStream();
  await expect(serve(stand(undefined, stream), request(asked))).rejects.toMatchObject({ status, code });
  expect(stream.calls).toHaveLength(0);
});

test('a point that can’t be accepted is no error to an app, which would send it again and again', async () => {
  const stream = new FakeStream();
  const query = { ...place, lat: '91' };
  const body = await bodyOf(serve(stand(undefined, stream), request({ key: formatKey(phone), query })));
  expect(body).toMatchObject({ accepted: 0, refused: [{ pointer: '/points/0/lat', code: 'out_of_range' }] });
  expect(stream.calls).toHaveLength(0);
  const told = jest.mocked(lines.log).mock.calls.flat().join();
  expect(told).toContain('"AppPointsRefused":1');
});

test('without a stream an app keeps what it has', async () => {
  const attempt = serve(
    stand(undefined, new FakeStream(unreachable)),
    request({ key: formatKey(phone), query: place }),
  );
  await expect(attempt).rejects.toMatchObject({ status: 503, code: 'stream_unavailable' });
});

test('beyond its limit a stranger’s keys are not looked up any more', async () => {
  const [valkey, table] = [new CountingValkey(1_200), new Table()];
  await expect(serve(stand(valkey, undefined, table), request({ key: formatKey(phone) }))).rejects.toMatchObject({
    status: 503,
    code: 'rate_limited',
    extras: { retryAfterSeconds: 2 },
  });
  expect(table.asked).toBe(0);
  const keys = valkey.trips.flat().flatMap((command) => ('script' in command ? command.keys : []));
  expect(keys).toEqual([expect.stringMatching(/^limit:\{app:[0-9a-f]{64}\}$/), 'limit:{address:192.0.2.1}']);
  expect(keys.join()).not.toContain(phone.secret);
});

test('friends show in OwnTracks; without Valkey nobody does', async () => {
  const [valkey, table] = [new CountingValkey(), new Table()];
  table.items[0] = { ...item(phone, 'device'), friends: ['bike-8', 'bike-9'] };
  const door = stand(valkey, undefined, table);
  const packed = JSON.stringify([now, 41, -8]);
  jest.spyOn(valkey, 'run').mockImplementation(async (commands) =>
    commands.map((command) => {
      if (!Array.isArray(command)) return 0;
      return command[1] === 'latest:{bike-8}' ? [packed, 't', ''] : [null, null, null];
    }),
  );
  const asked = { app: 'owntracks', key: formatKey(phone), body: '{"_type":"lwt"}' };
  expect(await bodyOf(serve(door, request(asked)))).toMatchObject([{ _type: 'location', tid: 'e8', lat: 41, lon: -8 }]);
  jest.restoreAllMocks();
  valkey.away = true;
  expect(await bodyOf(serve(door, request(asked)))).toEqual([]);
});
