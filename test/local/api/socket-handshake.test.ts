import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { type Started, start } from './fixture';
import { ask, handlers, last, open, refusal, shape, until } from './socket-fixture';

let api: Started;
beforeAll(async () => {
  api = await start(shape, handlers);
});
afterAll(() => api.stop());

test.each([
  ['', 401, 'Unauthorized'],
  ['ticket=', 401, 'Unauthorized'],
  ['ticket=bad', 401, 'Unauthorized'],
  ['ticket=deny', 403, 'Forbidden'],
  ['ticket=other', 403, 'Forbidden'],
  ['ticket=crash', 500, 'Internal server error'],
  ['ticket=nonsense', 500, 'Internal server error'],
  ['ticket=nested', 500, 'Internal server error'],
])('a handshake with "%s" is refused with %d', async (query, status, message) => {
  const asked = api.events.get('connect')?.length;
  expect(await refusal(api, query)).toEqual([status, message]);
  expect(api.events.get('connect')?.length).toBe(asked);
});

test.each([
  ['refused', 409, 'Conflict'],
  ['broken', 502, 'Internal server error'],
])('a $connect function that answers %s decides the handshake: %d', async (protocol, status, message) => {
  expect(await refusal(api, 'ticket=good', [protocol])).toEqual([status, message]);
});

test('a missing identity source asks no authorizer', async () => {
  const before = api.events.get('authorize')?.length ?? 0;
  await refusal(api, 'token=x');
  expect(api.events.get('authorize')?.length ?? 0).toBe(before);
});

test('a policy for this stage lets the client in, and its context reaches every route', async () => {
  const client = await open(api, 'ticket=this');
  expect(await ask(client, { type: 'report' })).toEqual({ key: 'report' });
  const { requestContext } = last(api, 'report');
  expect(requestContext).toMatchObject({
    routeKey: 'report',
    eventType: 'MESSAGE',
    messageDirection: 'IN',
    stage: 'live',
    apiId: 'Socket',
    identity: { sourceIp: '127.0.0.1' },
    authorizer: { principalId: 'taxi-1', sub: 'taxi-1', roles: 'operator,viewer' },
  });
  expect(requestContext.connectionId).toMatch(/^[\w-]{15}=$/);
  expect(last(api, 'connect').requestContext).toMatchObject({ eventType: 'CONNECT', routeKey: '$connect' });
  expect(last(api, 'authorize')).toMatchObject({
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:eu-central-1:000000000000:Socket/live/$connect',
    queryStringParameters: { ticket: 'this' },
    multiValueQueryStringParameters: { ticket: ['this'] },
  });
  client.close();
});

test('the subprotocol is the one that the $connect function chose', async () => {
  const client = await open(api, 'ticket=good', ['waystream', 'bearer.token']);
  expect(client.protocol).toBe('waystream');
  client.close();
});

test('the number of connections is bounded, and a place that is left is free again', async () => {
  const stack = await start(shape, handlers, { limits: { connections: 2 } });
  const first = await open(stack);
  await open(stack);
  expect(await refusal(stack, 'ticket=good')).toEqual([429, 'Too Many Requests']);
  first.close();
  await until(() => (stack.events.get('disconnect')?.length ?? 0) === 1);
  await open(stack);
  await stack.stop();
});

test('a plain request to /ws and an upgrade elsewhere are no WebSocket', async () => {
  const elsewhere = new WebSocket(`${api.ws.replace('/ws', '/v1/ws')}?ticket=good`);
  const [, response] = (await once(elsewhere, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(response.statusCode).toBe(404);
});
