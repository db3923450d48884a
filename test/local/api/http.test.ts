import { request } from 'node:http';
import type { HttpEvent } from '../../../local/api/http-event';
import { allowAll, jwt, type Started, start } from './fixture';

let api: Started;
const held: (() => void)[] = [];
const answers: Record<string, unknown> = {
  text: 'Hello from Lambda!',
  json: { message: 'Hello' },
  full: {
    statusCode: 201,
    headers: {
      'Content-Type': 'application/geo+json',
      'X-Count': 3,
      'Access-Control-Allow-Origin': 'https://evil.test',
    },
    cookies: ['a=1; Secure', 'b=2'],
    body: '{"ok":true}',
  },
  base64: { statusCode: 200, headers: { 'content-type': 'image/png' }, body: 'iVBORw==', isBase64Encoded: true },
  bare: { statusCode: 202, body: 'taken' },
  empty: { statusCode: 204 },
  malformed: { statusCode: 'soon' },
  large: { statusCode: 200, body: 'x'.repeat(6 * 1024 * 1024 + 1) },
};

beforeAll(async () => {
  api = await start(
    {
      http: [
        ['GET /v1/devices/{id}/position', 'position', jwt],
        ['POST /v1/positions', 'echo'],
        ['GET /v1/echo', 'echo'],
        ['GET /v1/answers/{name}', 'answer'],
        ['GET /v1/throws', 'throws'],
        ['GET /v1/hangs', 'hangs'],
        ['GET /v1/scoped', 'echo', { ...jwt, AuthorizationScopes: ['rides.read'] }],
        ['GET /v1/own', 'echo', { ...jwt, AuthorizationScopes: ['aws.cognito.signin.user.admin'] }],
        ['GET /v1/slow', 'echo'],
      ],
      httpStage: {
        RouteSettings: { 'GET /v1/slow': { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 } },
      },
    },
    {
      echo: (event: HttpEvent) => event,
      position: (event: HttpEvent) => event,
      answer: (event: HttpEvent) => answers[event.pathParameters?.name ?? ''],
      throws: () => {
        throw new Error('secret of the function');
      },
      hangs: () => new Promise<void>((resolve) => held.push(resolve)),
      authorize: () => allowAll,
    },
    { limits: { httpTimeoutMs: 50 } },
  );
});
afterAll(async () => {
  for (const release of held) release();
  await api.stop();
});

const get = (path: string, init?: RequestInit) => fetch(`${api.api}${path}`, init);
const bearer = async (roles = ['operator', 'viewer'], ttl = 60) => ({
  authorization: `Bearer ${await api.mint('taxi-1', roles, ttl)}`,
});

test('the event of format 2.0 carries path, query, headers and cookies as AWS joins them', async () => {
  const headers = { 'X-Custom': 'One', cookie: 'a=1; b=2', 'user-agent': 'taxi/1', 'x-forwarded-for': '9.9.9.9' };
  const event: HttpEvent = await (await get('/v1/echo?z=%31&a=1&a=2', { headers })).json();
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'GET /v1/echo',
    rawPath: '/v1/echo',
    rawQueryString: 'z=%31&a=1&a=2',
    queryStringParameters: { z: '1', a: '1,2' },
    cookies: ['a=1', 'b=2'],
    isBase64Encoded: false,
    headers: { 'x-custom': 'One', 'x-forwarded-for': '9.9.9.9, 127.0.0.1', 'x-forwarded-proto': 'http' },
    requestContext: {
      apiId: 'Http',
      stage: '$default',
      routeKey: 'GET /v1/echo',
      http: { method: 'GET', path: '/v1/echo', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'taxi/1' },
    },
  });
  expect(event.headers.cookie).toBeUndefined();
  expect('body' in event || 'pathParameters' in event || 'authorizer' in event.requestContext).toBe(false);
  expect(event.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  expect(event.requestContext.requestId).toMatch(/^[\w-]{15}=$/);
});

test('a header that comes twice is joined with a comma', async () => {
  const body = await new Promise<string>((resolve, reject) => {
    const sent = request(`${api.api}/v1/echo`, { headers: { 'X-Custom': ['One', 'Two'] } }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(Buffer.concat(chunks).toString());
    });
    sent.on('error', reject);
    sent.end();
  });
  expect(JSON.parse(body).headers['x-custom']).toBe('One,Two');
});

test.each([
  ['application/json', '{"a":"é"}', '{"a":"é"}', false],
  ['application/problem+json; charset=utf-8', '{}', '{}', false],
  ['text/plain', 'hi', 'hi', false],
  ['application/x-www-form-urlencoded', 'a=1', 'YT0x', true],
  ['application/octet-stream', 'a=1', 'YT0x', true],
])('a body of type %s reaches the function as text or base64', async (type, body, expected, base64) => {
  const response = await get('/v1/positions', { method: 'POST', headers: { 'content-type': type }, body });
  const event: HttpEvent = await response.json();
  expect([event.body, event.isBase64Encoded]).toEqual([expected, base64]);
});

test.each([
  ['text', 200, 'application/json', 'Hello from Lambda!'],
  ['json', 200, 'application/json', '{"message":"Hello"}'],
  ['full', 201, 'application/geo+json', '{"ok":true}'],
  ['bare', 202, 'text/plain;charset=UTF-8', 'taken'],
  ['malformed', 500, 'application/json', '{"message":"Internal Server Error"}'],
  ['large', 500, 'application/json', '{"message":"Internal Server Error"}'],
])('a function that returns %s is answered %d %s', async (name, status, type, body) => {
  const response = await get(`/v1/answers/${name}`);
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([status, type, body]);
});

test('cookies, headers and base64 bodies of a function arrive', async () => {
  const full = await get('/v1/answers/full');
  expect(full.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
  expect(full.headers.get('x-count')).toBe('3');
  expect(full.headers.get('apigw-requestid')).toMatch(/=$/);
  const image = await get('/v1/answers/base64');
  expect(Buffer.from(await image.arrayBuffer()).toString('hex')).toBe('89504e47');
  expect((await get('/v1/answers/empty')).status).toBe(204);
});

test.each([
  ['/v1/nowhere', 404, 'Not Found'],
  ['/v1/echo/%E0%A4%A', 400, 'Bad Request'],
  ['/v1/throws', 500, 'Internal Server Error'],
  ['/v1/hangs', 503, 'Service Unavailable'],
  ['/v1/devices/taxi-1/position', 401, 'Unauthorized'],
])('%s is answered %d by the gateway', async (path, status, text) => {
  const response = await get(path);
  expect([response.status, await response.json()]).toEqual([status, { message: text }]);
});

test('a body of more than 10 MB is refused, announced or not, and one that Lambda cannot take too', async () => {
  const post = (body: RequestInit['body']) =>
    get('/v1/positions', {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain' },
      duplex: 'half',
    } as RequestInit);
  const announced = await post('x'.repeat(10 * 1024 * 1024 + 1));
  const chunk = new Uint8Array(1024 * 1024);
  const streamed = new ReadableStream({
    start(controller) {
      for (let index = 0; index < 11; index++) controller.enqueue(chunk);
      controller.close();
    },
  });
  const unannounced = await post(streamed);
  const event = await post('x'.repeat(7 * 1024 * 1024));
  expect([announced.status, unannounced.status, event.status]).toEqual([413, 413, 413]);
  expect(await announced.json()).toEqual({ message: 'Request Entity Too Large' });
});

test('headers of more than 10,240 bytes are refused', async () => {
  const response = await get('/v1/echo', { headers: { 'x-long': 'x'.repeat(10_240) } });
  expect([response.status, await response.json()]).toEqual([431, { message: 'Request Header Fields Too Large' }]);
});

test('a valid token reaches the function as claims in text, groups in brackets', async () => {
  const event: HttpEvent = await (await get('/v1/devices/a%20b/position', { headers: await bearer() })).json();
  expect(event.pathParameters).toEqual({ id: 'a b' });
  expect(event.rawPath).toBe('/v1/devices/a b/position');
  expect(event.requestContext.authorizer?.jwt).toMatchObject({
    claims: { sub: 'taxi-1', 'cognito:groups': '[operator viewer]', client_id: 'client1', token_use: 'access' },
    scopes: null,
  });
  expect(event.requestContext.authorizer?.jwt.claims.exp).toMatch(/^\d{10}$/);
});

test('the route asks for one of its scopes', async () => {
  const refused = await get('/v1/scoped', { headers: await bearer() });
  expect([refused.status, await refused.json()]).toEqual([403, { message: 'Forbidden' }]);
  expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer scope="rides.read" error="insufficient_scope"/);
  const allowed: HttpEvent = await (await get('/v1/own', { headers: await bearer() })).json();
  expect(allowed.requestContext.authorizer?.jwt.scopes).toEqual(['aws.cognito.signin.user.admin']);
});

test('beyond its burst a route is throttled, and others are not', async () => {
  const statuses: number[] = [];
  for (let index = 0; index < 4; index++) statuses.push((await get('/v1/slow')).status);
  expect(statuses).toEqual([200, 200, 429, 429]);
  expect((await get('/v1/echo')).status).toBe(200);
});
