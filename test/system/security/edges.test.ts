import { connect } from 'node:net';
import WebSocket from 'ws';
import { environments } from '../../../lib/environments';
import { SocketClient, type StackClient } from '../stack';
import { leaks } from './leaks';
import { logLines } from './logs';
import { STACK, secured } from './stack';

jest.setTimeout(300_000);

let client: StackClient;
let feeder: string;
let operator: string;
beforeAll(async () => {
  client = await secured();
  feeder = await client.token('security-feeder', 'feeder');
  operator = await client.token('security-operator', 'operator');
});

/** Sends bytes that no HTTP client would, and reads until the server closes. */
const raw = (lines: string[]): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(client.place.api);
    const socket = connect(Number(port), hostname, () => socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
    let text = '';
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('data', (part) => {
      text += part.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });

describe('other origins', () => {
  const evil = [
    'https://evil.example',
    'null',
    'http://localhost:4680.evil.example',
    'http://LOCALHOST:4680',
    'http://localhost',
  ];

  test.each(evil)('%s is allowed nothing, by a preflight or by a plain request', async (origin) => {
    const preflight = await client.request('/v1/positions', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
    const plain = await client.request('/v1/health', { headers: { origin } });
    for (const { headers } of [preflight, plain]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  test.each(environments.dev.corsOrigins)('%s is allowed by its name, and never with credentials', async (origin) => {
    const { headers } = await client.request('/v1/health', { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toContain('origin');
  });

  test('no environment allows every origin', () => {
    for (const { corsOrigins } of Object.values(environments)) expect(corsOrigins.join()).not.toContain('*');
  });
});

test.each([
  '/../package.json',
  '/..%2f..%2fpackage.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/assets/..%5c..%5cpackage.json',
  '/assets/....//....//package.json',
  '//etc/passwd',
  '/%00',
  '/index.html%00.js',
  '/v1/devices/..%2f..%2fhealth/position',
  '/v1/tracks/..%2f../..%2f..',
])('the path %s leads out of nothing', async (path) => {
  const answer = await raw([
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: Bearer ${operator}`,
    'Connection: close',
  ]);
  expect(answer).toMatch(/^HTTP\/1\.1 (200|[34]\d\d) /);
  // A page of the console is what a path without a file is answered with: nothing of the host.
  expect(answer).not.toMatch(/"devDependencies"|root:x:0|"name": "waystream"/);
});

describe('logs', () => {
  const mark = `injected-${Date.now()}`;
  const forged = `{"level":"ERROR","message":"${mark}"}`;

  test('nothing that a client sends begins a line of its own or adds a field', async () => {
    await raw(['GET /v1/health HTTP/1.1', 'Host: 127.0.0.1', `User-Agent: a\n${forged}`, 'Connection: close']);
    await raw([
      'GET /v1/health HTTP/1.1',
      'Host: 127.0.0.1',
      `User-Agent: a\r ${forged}`,
      `Origin: "}${forged}`,
      'Connection: close',
    ]);
    const text = encodeURIComponent(`\r\n${forged}\u2028"},"status":"999`);
    for (const path of [
      `/v1/devices/${text}/position`,
      `/v1/nearby?lat=${text}&lon=1`,
      `/v1/tracks/a/${text}`,
      `/${text}`,
    ]) {
      const headers = { 'user-agent': `x"} ${forged}`, 'x-forwarded-for': forged, 'x-amzn-trace-id': forged };
      const answer = await client.request(path, { token: operator, headers });
      expect({ path, leaks: leaks(answer.text) }).toEqual({ path, leaks: [] });
    }
    const body = {
      devices: [
        {
          deviceId: `a\r\n${forged}`,
          points: [{ time: 1, lat: 1, lon: 1, attributes: { [`\r\n${forged}`]: forged } }],
        },
      ],
    };
    expect((await client.request('/v1/positions', { token: feeder, body })).status).toBe(422);
    const socket = await client.socket(operator);
    await socket.ask(`{"type":"\\r\\n${mark}"}`, ({ type }) => type === 'error');
    socket.close();

    const lines = logLines(STACK, /access\.log$/);
    expect(lines.length).toBeGreaterThan(5);
    const shapes = new Set<string>();
    for (const { file, text: line } of lines) shapes.add(`${file} ${Object.keys(JSON.parse(line)).join()}`);
    // One shape a log: nobody added a field to any line.
    expect(shapes.size).toBe(new Set(lines.map(({ file }) => file)).size);
    expect(lines.filter(({ text: line }) => JSON.parse(line).message === mark)).toEqual([]);
    expect(logLines(STACK).filter(({ text: line }) => line.startsWith(forged))).toEqual([]);
  });
});

describe('names that every object has', () => {
  const point = () => ({ time: Date.now(), lat: 5, lon: 5 });
  const device = `polluted-${Date.now()}`;

  test.each([
    ['a report', `{"__proto__":{"devices":[]},"devices":[{"deviceId":"${device}","points":[]}]}`],
    ['a list', '{"devices":{"__proto__":[],"length":1}}'],
    ['a constructor', '{"constructor":{"prototype":{"roles":["operator"]}}}'],
  ])('%s by __proto__ or constructor is refused', async (_, body) => {
    const answer = await client.request('/v1/positions', { token: feeder, body });
    expect([400, 403, 422]).toContain(answer.status);
  });

  test('as attributes they are attributes, and reach nobody else', async () => {
    const attributes = '{"__proto__":"x","constructor":true,"toString":1,"hasOwnProperty":2}';
    const { time, lat, lon } = point();
    const body = `{"devices":[{"deviceId":"${device}","taskId":"t","points":[{"time":${time},"lat":${lat},"lon":${lon},"attributes":${attributes}}]}]}`;
    const answer = await client.request('/v1/positions', { token: feeder, body });
    expect([202, 422]).toContain(answer.status);
    await client.report([{ deviceId: `${device}-next`, taskId: 't', points: [point()] }]);
    await client.settled();
    const next = await client.request(`/v1/tracks/${device}-next/t`, { token: operator });
    expect(next.body.positions).toMatchObject([{ lat: 5 }]);
    expect(next.body.positions[0].attributes).toBeUndefined();
    const own = await client.request(`/v1/tracks/${device}/t`, { token: operator });
    expect(own.status).toBe(answer.status === 202 ? 200 : 404);
    if (own.status === 200) expect(Object.keys(own.body.positions[0].attributes)).toContain('constructor');
  });

  test.each(['__proto__=1', '__proto__[x]=1', 'constructor=1', 'toString=1', 'hasOwnProperty=1'])(
    'the parameter %s is unknown',
    async (query) => {
      const answer = await client.request(`/v1/nearby?lat=1&lon=1&${query}`, { token: operator });
      expect([answer.status, answer.body.code]).toEqual([400, 'unknown_parameter']);
    },
  );
});

/** Inputs that make a careless expression try again and again; the gateway gives a function up after 29 seconds. */
test.each([
  ['a time of endless digits', `/v1/tracks/a/b?from=${'1'.repeat(7_000)}x`],
  ['a date that almost is one', `/v1/tracks/a/b?from=2026-07-01T08:00:00.${'0'.repeat(7_000)}`],
  ['an id of one letter', `/v1/devices/${'a'.repeat(7_000)}/position`],
  ['commas', `/v1/search?from=1&to=2&devices=${','.repeat(7_000)}`],
  ['corners', `/v1/search?from=1&to=2&polygon=${'0,0;'.repeat(1_700)}`],
  ['blanks around a figure', `/v1/nearby?lat=${'%20'.repeat(2_000)}1&lon=1`],
])('%s is refused, not pondered', async (_, path) => {
  const answer = await client.request(path, { token: operator });
  expect(answer.status).toBe(400);
  expect(leaks(answer.text)).toEqual([]);
});

describe('sizes', () => {
  const closed = ({ socket }: SocketClient) => new Promise<number>((resolve) => socket.once('close', resolve));

  test.each([
    [
      'a message of more than 128 KB',
      (socket: WebSocket) => {
        const part = 'x'.repeat(30_000);
        for (let sent = 0; sent < 5; sent++) socket.send(part, { fin: sent === 4 });
      },
    ],
    ['a frame of more than 32 KB', (socket: WebSocket) => socket.send('x'.repeat(33_000))],
    ['a binary frame', (socket: WebSocket) => socket.send(Buffer.from([1, 2, 3]))],
  ])('%s ends its socket, and no other', async (_, strike) => {
    const [other, socket] = [await client.socket(operator), await client.socket(operator)];
    const end = closed(socket);
    strike(socket.socket);
    expect([1003, 1009]).toContain(await end);
    await other.ask({ type: 'ping' }, ({ type }) => type === 'pong');
    other.close();
  });

  test('a body of more than the gateway takes is refused before any function sees it', async () => {
    const answer = await client.request('/v1/positions', { token: feeder, body: 'x'.repeat(10 * 1_048_576 + 1) });
    expect(answer.status).toBe(413);
    expect(leaks(answer.text)).toEqual([]);
  });

  test('a socket without a ticket or token is none', async () => {
    await expect(SocketClient.opened(new WebSocket(client.place.ws))).rejects.toThrow('401');
  });
});
