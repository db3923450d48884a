import { request } from 'node:http';
import { connect } from 'node:net';
import { jwt, type Started, start } from './fixture';

let api: Started;
const full = {
  statusCode: 201,
  headers: { 'Access-Control-Allow-Origin': 'https://evil.test', 'Access-Control-Allow-Credentials': 'true' },
  body: '{}',
};

beforeAll(async () => {
  api = await start(
    {
      cors: {
        AllowOrigins: ['https://app.test'],
        AllowMethods: ['GET', 'POST'],
        AllowHeaders: ['Authorization', 'Content-Type'],
        ExposeHeaders: ['Retry-After'],
        MaxAge: 300,
      },
      http: [
        ['GET /v1/devices/{id}/position', 'echo', jwt],
        ['POST /v1/positions', 'echo'],
        ['GET /v1/echo', 'echo'],
        ['GET /v1/answers/full', 'full'],
        ['DELETE /v1/answers/full', 'none'],
      ],
      httpStage: {
        AccessLogSettings: {
          DestinationArn: 'arn:log',
          Format:
            '{"ip":"$context.identity.sourceIp","route":"$context.routeKey","status":"$context.status","agent":"$context.identity.userAgent","error":"$context.authorizer.error","none":"$context.nothing"}',
        },
      },
    },
    { echo: (event: unknown) => event, full: () => full, none: () => ({ ...full, statusCode: 204 }) },
  );
});
afterAll(() => api.stop());

const get = (path: string, init?: RequestInit) => fetch(`${api.api}${path}`, init);
const logged = () => api.lines.filter(([part]) => part === 'api.access').map(([, line]) => JSON.parse(line));

test('the gateway answers a preflight itself and puts its own CORS headers on answers and errors', async () => {
  const origin = 'https://app.test';
  const asked = { origin, 'access-control-request-method': 'POST' };
  const preflight = await rawOptions('/v1/devices/taxi-1/position', asked);
  expect(preflight).toMatchObject({
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '300',
    },
  });
  const foreign = await rawOptions('/v1/positions', { ...asked, origin: 'https://evil.test' });
  expect([foreign.status, foreign.headers['access-control-allow-origin']]).toEqual([204, undefined]);
  const answer = await get('/v1/answers/full', { headers: { origin } });
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after');
  for (const method of ['GET', 'DELETE']) {
    const { headers } = await get('/v1/answers/full', { method });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  }
  const error = await get('/v1/devices/a/position', { headers: { origin } });
  expect([error.status, error.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
});

test('the access log follows the format, one line a request, without tokens or a forged field', async () => {
  const before = logged().length;
  await get('/v1/echo?ticket=secret', { headers: { 'user-agent': 'x","status":"200' } });
  await get('/v1/devices/a/position', { headers: { authorization: 'Bearer not.a.token' } });
  const lines = logged().slice(before);
  expect(lines[0]).toEqual({
    ip: '127.0.0.1',
    route: 'GET /v1/echo',
    status: '200',
    agent: 'x","status":"200',
    error: '-',
    none: '-',
  });
  expect(lines[1]).toMatchObject({ status: '401', error: expect.stringContaining('invalid_token') });
  expect(JSON.stringify(api.lines)).not.toMatch(/secret|not\.a\.token/);
});

test('requests that reach a function are metered in steps of 512 KB', async () => {
  const before = api.usage.length;
  const body = 'x'.repeat(512 * 1024 + 1);
  await get('/v1/positions', { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
  await get('/v1/nowhere');
  const [usage, ...none] = api.usage.slice(before).filter(({ service }) => service === 'apigateway');
  expect(usage).toMatchObject({ service: 'apigateway', action: 'HttpRequest', units: { requests: 2 } });
  expect(none).toEqual([]);
});

/** fetch sends no preflight of its own making. */
function rawOptions(path: string, headers: Record<string, string>) {
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const sent = request(`${api.api}${path}`, { method: 'OPTIONS', headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('a request whose line is too long is answered, and its connection not reset while the client still sends', async () => {
  const { hostname, port } = new URL(api.api);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /v1/echo?${'x'.repeat(4_000_000)}`);
  let received = '';
  const ended = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
  await ended;
  expect(received).toMatch(/^HTTP\/1\.1 431 /);
});
