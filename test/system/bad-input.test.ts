import type { Role } from '../../lambdas/contract/identity';
import { type SocketClient, StackClient, startedStack } from './stack';

jest.setTimeout(120_000);

let client: StackClient;
const now = Date.now();

const point = { time: now, lat: 41.15, lon: -8.61 };

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  await client.report([{ deviceId: 'bad-input', taskId: 't', points: [point, { ...point, time: now - 5_000 }] }]);
});

const points = (...list: unknown[]) => ({ points: list });
const devices = (...list: unknown[]) => ({ devices: list });
const share = (id: unknown, ...list: unknown[]) => ({ deviceId: id, points: list });
const attributes = (count: number, size = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 'x'.repeat(size)]));

/** What is sent, and the exact status, code and pointer of the answer. A feeder reports unless a role is named. */
const reports: [
  name: string,
  body: unknown,
  status: number,
  code: string,
  pointer?: string | undefined,
  role?: Role,
][] = [
  ['no JSON', '{"points":[', 400, 'malformed_json', ''],
  ['an empty body', '', 400, 'malformed_json', ''],
  ['a list instead of an object', [], 400, 'wrong_type', '', 'device'],
  ['null', 'null', 400, 'wrong_type', '', 'device'],
  ['neither points nor devices', {}, 400, 'required', '/points', 'device'],
  ['devices that are no list', { devices: {} }, 400, 'wrong_type', '/devices'],
  ['no devices', devices(), 400, 'too_small', '/devices'],
  ['a device without an id', devices({ points: [point] }), 422, 'nothing_valid', '/devices/0/deviceId required'],
  ['a device id with a slash', devices(share('a/b', point)), 422, 'nothing_valid', '/devices/0/deviceId invalid'],
  ['a device id with a wildcard', devices(share('a*', point)), 422, 'nothing_valid', '/devices/0/deviceId invalid'],
  ['an empty device id', devices(share('', point)), 422, 'nothing_valid', '/devices/0/deviceId invalid'],
  [
    'a device id of 65 characters',
    devices(share('x'.repeat(65), point)),
    422,
    'nothing_valid',
    '/devices/0/deviceId invalid',
  ],
  ['a device without points', devices(share('d')), 422, 'nothing_valid', '/devices/0/points too_small'],
  ['an unknown field of the report', { ...devices(share('d', point)), extra: 1 }, 400, 'unknown_field', '/extra'],
  [
    'an unknown coordinate system',
    { ...devices(share('d', point)), coordinateSystem: 'mars' },
    400,
    'invalid',
    '/coordinateSystem',
  ],
  [
    'a task id with a blank',
    devices({ ...share('d', point), taskId: 'a b' }),
    422,
    'nothing_valid',
    '/devices/0/taskId invalid',
  ],
  ['1,001 points', devices(share('d', ...Array(1_001).fill(point))), 400, 'too_many_points'],
  [
    '501 devices',
    devices(...Array.from({ length: 501 }, (_, index) => share(`d${index}`, point))),
    400,
    'too_many_devices',
  ],
  ['more than 256 KB', devices(share('d', { ...point, attributes: { a: 'x'.repeat(262_144) } })), 413, 'too_large'],
  [
    'a latitude beyond the pole',
    devices(share('d', { ...point, lat: 90.1 })),
    422,
    'nothing_valid',
    '/devices/0/points/0/lat out_of_range',
  ],
  [
    'a longitude of 181',
    devices(share('d', { ...point, lon: 181 })),
    422,
    'nothing_valid',
    '/devices/0/points/0/lon out_of_range',
  ],
  [
    'a latitude as text',
    devices(share('d', { ...point, lat: '41' })),
    422,
    'nothing_valid',
    '/devices/0/points/0/lat wrong_type',
  ],
  ['no latitude', devices(share('d', { time: now, lon: 1 })), 422, 'nothing_valid', '/devices/0/points/0/lat required'],
  ['no time', devices(share('d', { lat: 1, lon: 1 })), 422, 'nothing_valid', '/devices/0/points/0/time required'],
  [
    'a time with a fraction',
    devices(share('d', { ...point, time: now + 0.5 })),
    422,
    'nothing_valid',
    '/devices/0/points/0/time wrong_type',
  ],
  [
    'a time three minutes ahead',
    devices(share('d', { ...point, time: now + 300_000 })),
    422,
    'nothing_valid',
    '/devices/0/points/0/time time_in_future',
  ],
  [
    'a time in seconds',
    devices(share('d', { ...point, time: Math.floor(now / 1_000) })),
    422,
    'nothing_valid',
    '/devices/0/points/0/time time_too_old',
  ],
  [
    'a fix at (0, 0)',
    devices(share('d', { ...point, lat: 0, lon: 0 })),
    422,
    'nothing_valid',
    '/devices/0/points/0 null_island',
  ],
  [
    'a negative speed',
    devices(share('d', { ...point, speed: -1 })),
    422,
    'nothing_valid',
    '/devices/0/points/0/speed out_of_range',
  ],
  [
    'a heading of 361',
    devices(share('d', { ...point, heading: 361 })),
    422,
    'nothing_valid',
    '/devices/0/points/0/heading out_of_range',
  ],
  [
    'a negative accuracy',
    devices(share('d', { ...point, accuracy: -1 })),
    422,
    'nothing_valid',
    '/devices/0/points/0/accuracy out_of_range',
  ],
  [
    'an unknown field of a point',
    devices(share('d', { ...point, colour: 'red' })),
    422,
    'nothing_valid',
    '/devices/0/points/0/colour unknown_field',
  ],
  ['a point that is a number', devices(share('d', 7)), 422, 'nothing_valid', '/devices/0/points/0 wrong_type'],
  [
    'seventeen attributes',
    devices(share('d', { ...point, attributes: attributes(17) })),
    422,
    'nothing_valid',
    '/devices/0/points/0/attributes attributes_too_many',
  ],
  [
    '600 bytes of attributes',
    devices(share('d', { ...point, attributes: attributes(3, 200) })),
    422,
    'nothing_valid',
    '/devices/0/points/0/attributes attributes_too_large',
  ],
  [
    'an attribute that is an object',
    devices(share('d', { ...point, attributes: { a: {} } })),
    422,
    'nothing_valid',
    '/devices/0/points/0/attributes/a invalid',
  ],
  ['a feeder that sends points of its own', points(point), 403, 'role_missing'],
  ['a device that reports for others', devices(share('d', point)), 403, 'role_missing', undefined, 'device'],
  ['a viewer that reports', points(point), 403, 'role_missing', undefined, 'viewer'],
];

/** A row of a table under its name: jest takes a test with more parameters than its row has for one with a callback. */
const named = <T extends [string, ...unknown[]]>(rows: T[]): [string, T][] => rows.map((row) => [row[0], row]);

test.each(named(reports))('reports: %s', async (_, [name, body, status, code, pointer, role = 'feeder']) => {
  const token = await client.token(`bad-${name.replace(/[^a-z0-9]/gi, '-')}`.slice(0, 60), role);
  const answer = await client.request('/v1/positions', { method: 'POST', token, body });
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  if (pointer === undefined) return;
  if (status !== 422) expect(answer.body.pointer).toBe(pointer);
  else
    expect(
      answer.body.refused.map((refusal: { pointer: string; code: string }) => `${refusal.pointer} ${refusal.code}`),
    ).toEqual([pointer]);
});

test('a body that is not declared as JSON', async () => {
  const token = await client.token('plain', 'feeder');
  const headers = { 'content-type': 'text/plain' };
  const answer = await client.request('/v1/positions', { method: 'POST', token, body: '{}', headers });
  expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
});

test('of several points each is judged alone', async () => {
  const body = devices(
    share('bad-input', { ...point, time: now - 1_000 }, { ...point, lat: 91 }, { ...point, time: now - 2_000 }),
  );
  const answer = await client.request('/v1/positions', { token: await client.token('feeder-1', 'feeder'), body });
  expect([answer.status, answer.body.accepted]).toEqual([202, 2]);
  expect(answer.body.refused).toEqual([
    { pointer: '/devices/0/points/1/lat', code: 'out_of_range', detail: expect.stringContaining('90') },
  ]);
  expect(Math.abs(answer.body.serverTime - Date.now())).toBeLessThan(60_000);
});

const range = `from=${now - 3_600_000}&to=${now}`;
const reads: [name: string, path: string, status: number, code: string, pointer?: string | undefined, role?: Role][] = [
  ['a path that does not exist', '/v1/nothing', 404, 'no_such_path'],
  ['a device id with a wildcard', '/v1/devices/a*/position', 400, 'invalid_parameter', '?id'],
  ['a device that never reported', '/v1/devices/nobody/position', 404, 'position_not_found'],
  ['another device’s position', '/v1/devices/bad-input/position', 404, 'position_not_found', undefined, 'device'],
  ['another feeder’s device', '/v1/devices/bad-input/position', 404, 'position_not_found', undefined, 'feeder'],
  ['nearby without a place', '/v1/nearby', 400, 'missing_parameter', '?lat'],
  ['nearby beyond the pole', '/v1/nearby?lat=91&lon=0', 400, 'invalid_parameter', '?lat'],
  ['nearby with words for figures', '/v1/nearby?lat=north&lon=0', 400, 'invalid_parameter', '?lat'],
  ['nearby within 21 km', '/v1/nearby?lat=1&lon=1&radius=21000', 400, 'invalid_parameter', '?radius'],
  ['nearby with 101 answers', '/v1/nearby?lat=1&lon=1&limit=101', 400, 'invalid_parameter', '?limit'],
  ['nearby with an unknown parameter', '/v1/nearby?lat=1&lon=1&colour=red', 400, 'unknown_parameter', '?colour'],
  ['nearby for a device', '/v1/nearby?lat=1&lon=1', 403, 'role_missing', undefined, 'device'],
  ['tracks without a range', '/v1/devices/bad-input/tracks', 400, 'missing_parameter', '?from'],
  ['tracks from no date', '/v1/devices/bad-input/tracks?from=yesterday&to=1', 400, 'invalid_parameter', '?from'],
  [
    'tracks of a range that ends before it starts',
    `/v1/devices/bad-input/tracks?from=${now}&to=${now - 1}`,
    400,
    'empty_range',
  ],
  ['tracks over two years', `/v1/devices/bad-input/tracks?from=2024-01-01&to=2026-01-01`, 400, 'range_too_long'],
  ['tracks in another order', `/v1/devices/bad-input/tracks?${range}&order=random`, 400, 'invalid_parameter', '?order'],
  [
    'tracks with no cursor of ours',
    `/v1/devices/bad-input/tracks?${range}&cursor=e30`,
    400,
    'invalid_cursor',
    '?cursor',
  ],
  [
    'tracks with a cursor that is no base64',
    `/v1/devices/bad-input/tracks?${range}&cursor=%2B`,
    400,
    'invalid_parameter',
    '?cursor',
  ],
  ['tracks of nobody', `/v1/devices/nobody/tracks?${range}`, 404, 'track_not_found'],
  ['another device’s track', '/v1/tracks/bad-input/t', 404, 'track_not_found', undefined, 'device'],
  ['a viewer’s look at a track', '/v1/tracks/bad-input/t', 404, 'track_not_found', undefined, 'viewer'],
  ['another feeder’s track', '/v1/tracks/bad-input/t', 404, 'track_not_found', undefined, 'feeder'],
  ['a track of no such task', '/v1/tracks/bad-input/none', 404, 'track_not_found'],
  ['a track with a limit of 0', '/v1/tracks/bad-input/t?limit=0', 400, 'invalid_parameter', '?limit'],
  ['a track with a limit of 10,001', '/v1/tracks/bad-input/t?limit=10001', 400, 'invalid_parameter', '?limit'],
  ['a search without a range', '/v1/search', 400, 'missing_parameter', '?from'],
  ['a search over 40 days', '/v1/search?from=2026-01-01&to=2026-02-10', 400, 'range_too_long'],
  ['a search with two areas', `/v1/search?${range}&box=1,1,2,2&circle=1,1,5`, 400, 'too_many_areas'],
  ['a box of three figures', `/v1/search?${range}&box=1,1,2`, 400, 'invalid_parameter', '?box'],
  ['a box upside down', `/v1/search?${range}&box=1,2,2,1`, 400, 'invalid_parameter', '?box'],
  ['a polygon of two corners', `/v1/search?${range}&polygon=1,1;2,2`, 400, 'invalid_parameter', '?polygon'],
  [
    'a polygon that crosses itself',
    `/v1/search?${range}&polygon=0,0;2,2;2,0;0,2`,
    400,
    'invalid_parameter',
    '?polygon',
  ],
  ['a circle without a radius', `/v1/search?${range}&circle=1,1`, 400, 'invalid_parameter', '?circle'],
  ['a distance from nowhere', `/v1/search?${range}&sort=distance`, 400, 'missing_parameter', '?near'],
  ['a search for a device id with a slash', `/v1/search?${range}&devices=a/b`, 400, 'invalid_parameter', '?devices'],
  ['a search among others’ positions', `/v1/search?${range}&devices=bad-input`, 403, 'not_yours', undefined, 'device'],
  ['a viewer’s search', `/v1/search?${range}`, 403, 'role_missing', undefined, 'viewer'],
];

test.each(named(reads))('reads: %s', async (_, [name, path, status, code, pointer, role = 'operator']) => {
  const token = await client.token(`other-${role}`, role);
  const answer = await client.request(path, { token });
  expect([name, answer.status, answer.body.code]).toEqual([name, status, code]);
  if (pointer !== undefined) expect(answer.body.pointer).toBe(pointer);
});

test.each([
  ['no token', {}],
  ['no bearer', { authorization: 'Basic abc' }],
  ['a token that is none', { authorization: 'Bearer abc' }],
  ['an unsigned token', { authorization: `Bearer ${btoa('{"alg":"none"}')}.${btoa('{"sub":"a"}')}.` }],
])('%s is 401', async (_, headers) => {
  expect((await client.request('/v1/nearby?lat=1&lon=1', { headers })).status).toBe(401);
});

test('a cursor of one list is refused by another', async () => {
  const token = await client.token('local-operator', 'operator');
  const { body } = await client.request('/v1/tracks/bad-input/t?limit=1', { token });
  const answer = await client.request(`/v1/devices/bad-input/tracks?${range}&cursor=${body.next}`, { token });
  expect([answer.status, answer.body.code, answer.body.pointer]).toEqual([400, 'foreign_cursor', '?cursor']);
});

const box = { west: -8.7, south: 41.1, east: -8.5, north: 41.2 };
const messages: [name: string, message: unknown, code: string][] = [
  ['no JSON', '{"type":', 'malformed_json'],
  ['no type', {}, 'unknown_type'],
  ['an unknown type', { type: 'dance' }, 'unknown_type'],
  ['a subscription without an id', { type: 'subscribe', viewport: box }, 'required'],
  ['a subscription to nothing', { type: 'subscribe', id: 'a' }, 'required'],
  ['a subscription to two things', { type: 'subscribe', id: 'a', viewport: box, device: 'd' }, 'unknown_field'],
  ['an id with a blank', { type: 'subscribe', id: 'a b', viewport: box }, 'invalid'],
  ['a viewport upside down', { type: 'subscribe', id: 'a', viewport: { ...box, south: 50 } }, 'invalid'],
  ['a viewport without an edge', { type: 'subscribe', id: 'a', viewport: { west: 1, south: 1, north: 2 } }, 'required'],
  ['a viewport beyond the pole', { type: 'subscribe', id: 'a', viewport: { ...box, north: 99 } }, 'out_of_range'],
  ['a device that is another’s', { type: 'subscribe', id: 'a', device: 'bad-input' }, 'not_found'],
  ['an end without an id', { type: 'unsubscribe' }, 'required'],
  ['a search without a range', { type: 'search', id: 's' }, 'required'],
  ['a search by a viewer', { type: 'search', id: 's', from: now - 1, to: now }, 'role_missing'],
  ['a report by a viewer', { type: 'report', id: 'r', points: [point] }, 'role_missing'],
  ['an extra field', { type: 'ping', loud: true }, 'unknown_field'],
];

describe('over a WebSocket', () => {
  let socket: SocketClient;
  beforeAll(async () => {
    socket = await client.socket(await client.token('a-viewer', 'viewer'));
  });
  afterAll(() => socket.close());

  test.each(messages)('%s', async (name, message, code) => {
    const frame = await socket.ask(message, ({ type }) => type === 'error');
    expect([name, frame.code]).toEqual([name, code]);
    expect(frame.detail).toEqual(expect.any(String));
  });
});
