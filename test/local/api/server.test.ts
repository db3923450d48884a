import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { gatewayAttributes, PortInUse } from '../../../local/api';
import { fetchToken, seconds } from '../../../local/token';
import { jwt, resource, type Started, start, template } from './fixture';

let folder: string;
let stack: Started;
const http: [string, string, typeof jwt][] = [['GET /v1/echo', 'echo', jwt]];
const handlers = { echo: (event: unknown) => event };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'waystream-api-'));
  const webRoot = path.join(folder, 'web');
  await mkdir(path.join(webRoot, 'assets'), { recursive: true });
  await writeFile(path.join(webRoot, 'index.html'), '<title>Waystream</title>');
  await writeFile(path.join(webRoot, 'assets', 'main-AbCd1234.js'), 'export {};');
  await writeFile(path.join(folder, 'secret.txt'), 'outside');
  const resources = [
    ...template({ http }),
    resource('AWS::CloudFront::ResponseHeadersPolicy', 'Headers', {
      ResponseHeadersPolicyConfig: {
        Name: 'headers',
        SecurityHeadersConfig: {
          ContentSecurityPolicy: {
            ContentSecurityPolicy: "default-src 'self'; connect-src https://api.test",
            Override: true,
          },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 1, Override: true },
        },
      },
    }),
  ];
  stack = await start({ http }, handlers, { webRoot, resources, dataDir: path.join(folder, 'data') });
  await writeFile(path.join(folder, 'ready.json'), JSON.stringify({ api: stack.api, ws: stack.ws }));
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

/** Sends a path as it is; fetch would tidy it up first. */
function raw(target: string, headers: Record<string, string> = {}, method = 'GET', body = '') {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(stack.api);
    const sent = request({ hostname, port, path: target, headers, method }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test.each([
  ['/', 200, 'text/html; charset=utf-8', '<title>Waystream</title>', 'no-cache'],
  ['/track/taxi-1', 200, 'text/html; charset=utf-8', '<title>Waystream</title>', 'no-cache'],
  [
    '/assets/main-AbCd1234.js',
    200,
    'text/javascript; charset=utf-8',
    'export {};',
    'public, max-age=31536000, immutable',
  ],
  ['/assets/none.js', 404, 'application/json', '{"message":"Not Found"}', null],
])('the console answers %s with %d', async (target, status, type, body, cache) => {
  const response = await fetch(`${stack.api}${target}`);
  const { headers } = response;
  expect([response.status, headers.get('content-type'), await response.text(), headers.get('cache-control')]).toEqual([
    status,
    type,
    body,
    cache,
  ]);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe("default-src 'self'; connect-src 'self' ws: https://api.test");
  expect(headers.get('strict-transport-security')).toBeNull();
});

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/%00',
  '/%E0%A4%A.txt',
  '/..\\secret.txt',
])('nothing outside the site is read by %s', async (target) => {
  expect(await raw(target)).toMatchObject({ status: 404, body: '{"message":"Not Found"}' });
});

test('the site is read only', async () => {
  expect((await fetch(stack.api, { method: 'POST' })).status).toBe(405);
  expect(await (await fetch(stack.api, { method: 'HEAD' })).text()).toBe('');
});

test('the issuer publishes keys with which its tokens verify, as for a Cognito pool', async () => {
  const configuration = await (await fetch(`${stack.issuer}/.well-known/openid-configuration`)).json();
  expect(configuration.issuer).toBe(stack.issuer);
  const keys = createRemoteJWKSet(new URL(configuration.jwks_uri));
  const token = await stack.mint('taxi-1', ['viewer'], 60);
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: configuration.issuer });
  expect(payload).toMatchObject({
    sub: 'taxi-1',
    'cognito:groups': ['viewer'],
    client_id: 'client1',
    token_use: 'access',
    username: 'taxi-1',
  });
  expect(protectedHeader.alg).toBe('RS256');
  expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
  expect(JSON.stringify(await (await fetch(configuration.jwks_uri)).json())).not.toMatch(/"(d|p|q)":/);
});

test('config.json gives the console its addresses and an operator, only to a loopback name', async () => {
  const config = await (await fetch(`${stack.api}/config.json`)).json();
  expect(config).toEqual({ api: stack.api, ws: stack.ws, token: expect.any(String) });
  const answer = await fetch(`${config.api}/v1/echo`, { headers: { authorization: `Bearer ${config.token}` } });
  expect((await answer.json()).requestContext.authorizer.jwt.claims).toMatchObject({
    sub: 'local-operator',
    'cognito:groups': '[operator]',
  });
  expect(await raw('/config.json', { host: 'rebound.test' })).toEqual({ status: 403, body: '{"message":"Forbidden"}' });
});

test('the token command prints a token that the running stack takes', async () => {
  const token = await fetchToken([
    '--sub',
    'taxi-7',
    '--role',
    'viewer,operator',
    '--ttl',
    '2m',
    '--ready-file',
    path.join(folder, 'ready.json'),
  ]);
  const answer = await fetch(`${stack.api}/v1/echo`, { headers: { authorization: `Bearer ${token}` } });
  const { claims } = (await answer.json()).requestContext.authorizer.jwt;
  expect([claims.sub, claims['cognito:groups'], claims.exp - claims.iat]).toEqual(['taxi-7', '[viewer operator]', 120]);
});

test.each([
  [['--role', 'viewer'], /^Usage/],
  [['--sub', 'a', '--ttl', 'soon'], /^Usage/],
  [['--sub', 'a', '--oops'], /--oops.*Usage/s],
  [['--sub', 'a', '--role', 'pilot'], /No role pilot; the user pool has operator, viewer/],
  [['--sub', 'a b'], /sub/],
  [['--sub', 'a', '--ready-file', '/nowhere.json'], /^No local stack is running/],
])('the token command refuses %j in one sentence', async (args, message) => {
  const ready = args.includes('--ready-file') ? [] : ['--ready-file', path.join(folder, 'ready.json')];
  await expect(fetchToken([...args, ...ready])).rejects.toThrow(message);
});

test('tokens are not to be had from another page, nor with a body that is none', async () => {
  const json = { 'content-type': 'application/json' };
  const body = '{"sub":"a","roles":[],"ttlSeconds":60}';
  expect((await raw('/_local/token', { 'content-type': 'text/plain' }, 'POST', body)).status).toBe(405);
  expect((await raw('/_local/token', { ...json, host: 'rebound.test' }, 'POST', body)).status).toBe(403);
  expect((await raw('/_local/token', json, 'POST', '{')).status).toBe(400);
  expect((await raw('/_local/token', json, 'POST', body)).status).toBe(200);
});

test.each([
  ['90s', 90],
  ['15m', 900],
  ['1h', 3600],
  ['2d', 172_800],
  ['30', 30],
  ['1w', undefined],
  ['-1h', undefined],
])('%s is %p seconds', (text, expected) => {
  expect(seconds(text)).toBe(expected);
});

test('a token outlives a restart with the same data and no other', async () => {
  const dataDir = path.join(folder, 'kept');
  const first = await start({ http }, handlers, { dataDir });
  const token = await first.mint('taxi-1', [], 60);
  await first.stop();
  const again = { port: Number(new URL(first.api).port) };
  const headers = { authorization: `Bearer ${token}` };
  const kept = await start({ http }, handlers, { ...again, dataDir });
  expect((await fetch(`${kept.api}/v1/echo`, { headers })).status).toBe(200);
  await kept.stop();
  const fresh = await start({ http }, handlers, { ...again, dataDir: path.join(folder, 'fresh') });
  expect((await fetch(`${fresh.api}/v1/echo`, { headers })).status).toBe(401);
  await fresh.stop();
});

test('a port in use is one sentence that says what to do', async () => {
  const port = Number(new URL(stack.api).port);
  const failed = start({}, {}, { port });
  await expect(failed).rejects.toThrow(PortInUse);
  await expect(failed).rejects.toThrow(
    `Port ${port} is in use. Stop what listens there, or choose another with --port.`,
  );
});

test('stopping lets a request in flight finish', async () => {
  let release = () => {};
  const slow = await start(
    { http: [['GET /v1/slow', 'slow']] },
    {
      slow: () => new Promise((resolve) => (release = () => resolve({ statusCode: 200, body: 'done' }))),
    },
  );
  const answer = fetch(`${slow.api}/v1/slow`);
  while (!slow.events.has('slow')) await new Promise((resolve) => setTimeout(resolve, 5));
  const stopped = slow.stop();
  release();
  expect(await (await answer).text()).toBe('done');
  await stopped;
  await expect(fetch(`${slow.api}/v1/slow`)).rejects.toThrow();
});

test('shut, nobody is listening and everybody is cut off; reopened, it answers at the same address', async () => {
  let release = () => {};
  const down = await start(
    { http: [['GET /v1/slow', 'slow']] },
    {
      slow: () => new Promise((resolve) => (release = () => resolve({ statusCode: 200, body: 'late' }))),
    },
  );
  const cutOff = fetch(`${down.api}/v1/slow`);
  while (!down.events.has('slow')) await new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all([expect(cutOff).rejects.toThrow(), down.shut()]);
  release();
  await expect(fetch(`${down.api}/v1/nothing`)).rejects.toThrow();
  await down.reopen();
  expect((await fetch(`${down.api}/v1/nothing`)).status).toBe(404);
  await down.stop();
});

test('attributes are stable, and the pool is found where the gateway serves it', () => {
  const pool = gatewayAttributes('AWS::Cognito::UserPool', 'Pool', {}, 4680);
  expect(pool?.attributes.ProviderURL).toBe(`http://127.0.0.1:4680/${pool?.ref}`);
  expect(pool?.ref).toMatch(/^eu-central-1_[a-z0-9]{9}$/);
  expect(gatewayAttributes('AWS::Cognito::UserPool', 'Pool', {}, 4680)).toEqual(pool);
  const api = gatewayAttributes('AWS::ApiGatewayV2::Api', 'Socket', { ProtocolType: 'WEBSOCKET' }, 4680);
  expect(api?.attributes.ApiEndpoint).toBe('ws://127.0.0.1:4680');
  expect(gatewayAttributes('AWS::ApiGatewayV2::Stage', 'Stage', { StageName: 'live' }, 1)?.ref).toBe('live');
  expect(gatewayAttributes('AWS::S3::Bucket', 'Bucket', {}, 1)).toBeUndefined();
});
