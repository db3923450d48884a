import { feedOf } from '../apps/feed';
import { appOf, type Fixture, fixtures, payload, writtenAs } from '../apps/fixtures';
import { Documented } from './documented';
import { type Answer, eventually, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

const start = Date.now();
/** A time in whole seconds, which every app can tell. */
const moment = Math.floor(start / 1_000) * 1_000 - 10_000;
const range = `from=${moment - 3_600_000}&to=${start + 3_600_000}`;

let client: StackClient;
let operator: string;
let documented: Documented;

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  operator = await client.token('apps-operator', 'operator');
  documented = await Documented.servedBy(client);
});

interface Issued {
  deviceId: string;
  key: string;
  keyId: string;
}

let devices = 0;
const newDevice = () => `app-${start}-${++devices}`;

async function issue(body: object, token = operator): Promise<Issued> {
  const answer = await client.request('/v1/devices', { token, body });
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 201 });
  return answer.body;
}

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: Buffer;
}

/** Sends as an app does, and again where this address has sent too much for now. */
async function send(path: string, { method = 'POST', headers = {}, body }: Sent = {}): Promise<Answer> {
  return eventually(async () => {
    const response = await fetch(new URL(path, client.place.api), {
      method,
      headers,
      ...(body && { body: new Uint8Array(body) }),
    });
    const text = await response.text();
    const parsed = text === '' ? undefined : JSON.parse(text);
    if (parsed?.code === 'rate_limited') return undefined;
    return { status: response.status, headers: response.headers, body: parsed, text };
  }, 60_000);
}

/** Posts a documented payload as of now, with the key in the path. */
async function post({ file, method, contentType, time }: Fixture, key: string): Promise<Answer> {
  const text = payload(file).toString('utf8').replaceAll(time, writtenAs(time, moment));
  const path = `/v1/apps/${appOf(file)}/${key}`;
  if (method === 'GET') return send(`${path}?${text}`, { method });
  return send(path, { headers: { 'content-type': contentType ?? '' }, body: Buffer.from(text) });
}

const trackOf = async (device: string, token = operator) => {
  const answer = await client.request(`/v1/devices/${device}/tracks?${range}`, { token });
  return answer.body.positions?.map(({ task: _, ...point }: { task: string }) => point);
};

test.each(fixtures)('$file, posted as its app does, is a point of the device’s track', async (fixture) => {
  const { deviceId, key } = await issue({ deviceId: newDevice() });
  const answer = await post(fixture, key);
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
  if (fixture.file.startsWith('owntracks')) expect(answer.body).toEqual([]);
  else if (fixture.file.startsWith('overland')) expect(answer.body).toEqual({ result: 'ok' });
  else expect(answer.body).toMatchObject({ accepted: 1, refused: [] });
  // Degrees are kept to 1e-7.
  const degrees = (value = 0) => Math.round(value * 1e7) / 1e7;
  const { lat, lon, ...rest } = fixture.point;
  const stored = { ...rest, lat: degrees(lat), lon: degrees(lon), time: moment };
  await client.settled();
  expect(await trackOf(deviceId)).toEqual([stored]);
  const latest = await client.request(`/v1/devices/${deviceId}/position`, { token: operator });
  expect(latest.body).toMatchObject({ device: deviceId, lat: stored.lat, lon: stored.lon });
});

const query = () => new URLSearchParams({ lat: '41.15', lon: '-8.61', timestamp: String(moment) }).toString();

test('a key is taken as a password, as a bearer token and in the path, and opens nothing else', async () => {
  const { deviceId, key } = await issue({ deviceId: newDevice() });
  const rest = key.slice(deviceId.length + 1);
  const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  for (const authorization of [basic(deviceId, rest), basic('anyone', key), `Bearer ${key}`]) {
    const { status } = await send(`/v1/apps/osmand?${query()}`, { method: 'GET', headers: { authorization } });
    expect(status).toBe(200);
  }
  for (const path of ['/v1/positions', `/v1/devices/${deviceId}/keys`, '/v1/tickets']) {
    const { status } = await send(path, { headers: { authorization: `Bearer ${key}` } });
    expect([401, 404]).toContain(status);
  }
});

test('a revoked key opens nothing from then on, and the others still do', async () => {
  const device = newDevice();
  const token = await client.token(device, 'device');
  const [lost, kept] = [await issue({ name: 'lost' }, token), await issue({ name: 'kept' }, token)];
  expect(lost.deviceId).toBe(device);
  const listed = await client.request(`/v1/devices/${device}/keys`, { token });
  expect(listed.body.keys.map(({ name }: { name: string }) => name)).toEqual(['lost', 'kept']);
  expect(listed.text).not.toContain(lost.key.slice(device.length + 1));
  const path = `/v1/devices/${device}/keys/${lost.keyId}`;
  expect((await client.request(path, { method: 'DELETE', token })).status).toBe(204);
  expect((await client.request(path, { method: 'DELETE', token })).body.code).toBe('key_not_found');
  const refused = await send(`/v1/apps/osmand/${lost.key}?${query()}`, { method: 'GET' });
  expect(refused).toMatchObject({ status: 401, body: { code: 'key_unknown' } });
  expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  expect((await send(`/v1/apps/osmand/${kept.key}?${query()}`, { method: 'GET' })).status).toBe(200);
});

test('nobody manages another’s keys but an operator, and a device has ten at most', async () => {
  const device = newDevice();
  const stranger = await client.token(newDevice(), 'device');
  const asked = [
    await client.request('/v1/devices', { token: stranger, body: { deviceId: device } }),
    await client.request(`/v1/devices/${device}/keys`, { token: stranger }),
    await client.request(`/v1/devices/${device}/keys/00000000`, { method: 'DELETE', token: stranger }),
  ];
  expect(asked.map(({ status, body }) => [status, body.code])).toEqual(asked.map(() => [403, 'not_yours']));
  for (let count = 0; count < 10; count++) await issue({ deviceId: device });
  const eleventh = await client.request('/v1/devices', { token: operator, body: { deviceId: device } });
  expect(eleventh).toMatchObject({ status: 422, body: { code: 'too_many_keys' } });
});

test('friends that an operator names show in OwnTracks', async () => {
  const [ana, rui] = [newDevice(), newDevice()];
  const keys = [await issue({ deviceId: ana, friends: [rui] }), await issue({ deviceId: rui, friends: [ana] })];
  const body = (lat: number) =>
    Buffer.from(JSON.stringify({ _type: 'location', tid: 'AN', tst: moment / 1_000, lat, lon: -8.61, vel: 18 }));
  const headers = { 'content-type': 'application/json' };
  const [first, second] = [keys[0]?.key, keys[1]?.key];
  expect((await send(`/v1/apps/owntracks/${first}`, { headers, body: body(41.15) })).body).toEqual([]);
  expect((await send(`/v1/apps/owntracks/${second}`, { headers, body: body(41.16) })).body).toEqual([
    expect.objectContaining({ _type: 'location', topic: `owntracks/waystream/${ana}`, lat: 41.15, vel: 18 }),
  ]);
});

test('a GTFS-Realtime feed is reported as it was fetched, and its vehicles are the feeder’s', async () => {
  const feed = `feed-${start}`;
  const { key } = await issue({ deviceId: feed, role: 'feeder' });
  const vehicles = [
    { id: '3205', trip: 'T1', day: '20260701', route: '206', lat: 41.25, lon: -8.5, speed: 8.25, bearing: 90 },
    { id: 'Bus 7/A', lat: 41.5, lon: -8.25 },
  ];
  const headers = { 'content-type': 'application/x-protobuf' };
  const answer = await send(`/v1/apps/gtfs-realtime/${key}`, { headers, body: feedOf(vehicles, moment / 1_000) });
  expect(answer).toMatchObject({ status: 200, body: { accepted: 2, refused: [] } });
  await client.settled();
  const track = await client.request(`/v1/tracks/${feed}:3205/T1.20260701`, { token: operator });
  expect(track.body.positions).toMatchObject([{ time: moment, lat: 41.25, lon: -8.5, speed: 8.25, heading: 90 }]);
  const feeder = await client.token(feed, 'feeder');
  expect((await client.request(`/v1/devices/${feed}:3205/position`, { token: feeder })).status).toBe(200);
});

test.each<[string, string, Sent, number, string]>([
  ['a key of nobody', '/v1/apps/osmand/nobody~0000000000000000000000000000000000', {}, 401, 'key_unknown'],
  ['no key', '/v1/apps/overland', {}, 401, 'key_unknown'],
  ['an app of another name', '/v1/apps/nothing', {}, 404, 'app_unknown'],
])('%s is answered as documented', async (_, path, sent, status, code) => {
  const answer = await send(path, sent);
  expect(answer).toMatchObject({ status, body: { code } });
  const place = ['paths', path.includes('~') ? '/v1/apps/{app}/{key}' : '/v1/apps/{app}', 'post', 'responses', status];
  const schema = [...place, 'content', 'application/problem+json', 'schema'] as const;
  expect(documented.objections(answer.body, 'openapi', ...schema)).toEqual([]);
});

test('what is issued and listed is as documented', async () => {
  const issued = await issue({ deviceId: newDevice(), name: 'a phone', friends: ['bike-8'] });
  const listed = await client.request(`/v1/devices/${issued.deviceId}/keys`, { token: operator });
  const schemaOf = (path: string, method: string, status: number) =>
    ['paths', path, method, 'responses', status, 'content', 'application/json', 'schema'] as const;
  expect(documented.objections(issued, 'openapi', ...schemaOf('/v1/devices', 'post', 201))).toEqual([]);
  expect(documented.objections(listed.body, 'openapi', ...schemaOf('/v1/devices/{id}/keys', 'get', 200))).toEqual([]);
});
