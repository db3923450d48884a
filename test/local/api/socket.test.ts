import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Limits } from '../../../local/api';
import { allowAll, type Shape, type Started, start } from './fixture';

interface SocketEvent {
  requestContext: Record<string, unknown> & { connectionId: string; routeKey: string };
  headers?: Record<string, string>;
  body?: string;
}

const shape: Shape = {
  identitySource: ['route.request.querystring.ticket'],
  socket: [
    ['$connect', 'connect', false],
    ['$disconnect', 'disconnect', false],
    ['$default', 'fallback', true],
    ['report', 'report', true],
    ['quiet', 'quiet', false],
    ['throws', 'throws', true],
    ['nothing', 'nothing', true],
    ['wait', 'wait', true],
    ['slow', 'echo', true],
  ],
  socketStage: { RouteSettings: { slow: { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 1 } } },
};

let api: Started;
const held: (() => void)[] = [];
const echo = (event: SocketEvent) => ({
  statusCode: 200,
  body: JSON.stringify({ key: event.requestContext.routeKey }),
});
const handlers = {
  authorize: (event: { queryStringParameters: Record<string, string> }) =>
    authorizer(event.queryStringParameters.ticket),
  connect: (event: SocketEvent): unknown => {
    const wanted = event.headers?.['Sec-WebSocket-Protocol'];
    if (wanted?.includes('refused')) return { statusCode: 409 };
    if (wanted?.includes('broken')) throw new Error('connect failed');
    return { statusCode: 200, ...(wanted && { headers: { 'Sec-WebSocket-Protocol': 'waystream' } }) };
  },
  disconnect: () => ({ statusCode: 200 }),
  fallback: echo,
  report: echo,
  echo,
  quiet: () => ({ statusCode: 200, body: 'nobody sees this' }),
  throws: () => {
    throw new Error('secret of the function');
  },
  nothing: () => undefined,
  wait: (event: SocketEvent) =>
    new Promise((resolve) => held.push(() => resolve({ statusCode: 200, body: event.body ?? '' }))),
};

function authorizer(ticket: string | undefined): unknown {
  const deny = { Action: 'execute-api:Invoke', Effect: 'Deny', Resource: '*' };
  const only = (Resource: string) => ({
    ...allowAll,
    policyDocument: { Statement: [{ Action: 'execute-api:*', Effect: 'Allow', Resource }] },
  });
  if (ticket === 'bad') throw new Error('Unauthorized');
  if (ticket === 'crash') throw new Error('no table');
  if (ticket === 'nonsense') return { ok: true };
  if (ticket === 'nested') return { ...allowAll, context: { roles: ['operator'] } };
  if (ticket === 'deny')
    return { ...allowAll, policyDocument: { Statement: [...allowAll.policyDocument.Statement, deny] } };
  if (ticket === 'other') return only('arn:aws:execute-api:eu-central-1:000000000000:Socket/other/*');
  if (ticket === 'this') return only('arn:aws:execute-api:eu-central-1:*:Socket/live/$connect');
  return allowAll;
}

beforeAll(async () => {
  api = await start(shape, handlers);
});
afterAll(() => api.stop());

async function open(stack: Started = api, query = 'ticket=good', protocols: string[] = []): Promise<WebSocket> {
  const client = new WebSocket(`${stack.ws}?${query}`, protocols);
  await once(client, 'open');
  return client;
}

async function ask(client: WebSocket, message: unknown): Promise<Record<string, unknown>> {
  const answer = once(client, 'message');
  client.send(typeof message === 'string' ? message : JSON.stringify(message));
  const [data] = await answer;
  return JSON.parse(String(data));
}

async function refusal(query: string, protocols: string[] = [], stack = api): Promise<[number | undefined, string]> {
  const client = new WebSocket(`${stack.ws}?${query}`, protocols);
  const [, response]: [unknown, IncomingMessage] = (await once(client, 'unexpected-response')) as [
    unknown,
    IncomingMessage,
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return [response.statusCode, JSON.parse(Buffer.concat(chunks).toString()).message];
}

const closed = async (client: WebSocket) => Number((await once(client, 'close'))[0]);
const last = (stack: Started, name: string) => stack.events.get(name)?.at(-1) as SocketEvent;
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
async function connectionOf(client: WebSocket, stack: Started = api): Promise<string> {
  await ask(client, { type: 'report' });
  return last(stack, 'report').requestContext.connectionId;
}

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
  expect(await refusal(query)).toEqual([status, message]);
  expect(api.events.get('connect')?.length).toBe(asked);
});

test.each([
  ['refused', 409, 'Conflict'],
  ['broken', 502, 'Internal server error'],
])('a $connect function that answers %s decides the handshake: %d', async (protocol, status, message) => {
  expect(await refusal('ticket=good', [protocol])).toEqual([status, message]);
});

test('a missing identity source asks no authorizer', async () => {
  const before = api.events.get('authorize')?.length ?? 0;
  await refusal('token=x');
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

test.each([
  [{ type: 'report' }, 'report'],
  [{ type: 'unheard' }, '$default'],
  [{ type: '$connect' }, '$default'],
  [{ type: ['report'] }, '$default'],
  [{}, '$default'],
  ['not json', '$default'],
  ['"report"', '$default'],
])('message %j takes route %s', async (message, key) => {
  const client = await open();
  expect(await ask(client, message)).toEqual({ key });
  client.close();
});

test('without a matching route or $default the gateway says Forbidden', async () => {
  const stack = await start({ socket: [['report', 'report', true]] }, handlers);
  const client = await open(stack);
  expect(await ask(client, { type: 'other' })).toEqual({
    message: 'Forbidden',
    connectionId: expect.stringMatching(/=$/),
    requestId: expect.stringMatching(/=$/),
  });
  client.close();
  await stack.stop();
});

test.each([
  ['throws', 'Internal server error'],
  ['nothing', 'Internal server error'],
])('a function that %s becomes an error frame without its insides', async (type, message) => {
  const client = await open();
  const frame = await ask(client, { type });
  expect(frame).toEqual({ message, connectionId: expect.any(String), requestId: expect.any(String) });
  client.close();
});

test('a route without a response says nothing', async () => {
  const client = await open();
  const messages: string[] = [];
  client.on('message', (data) => messages.push(String(data)));
  client.send('{"type":"quiet"}');
  await until(() => (api.events.get('quiet')?.length ?? 0) > 0);
  await ask(client, { type: 'report' });
  expect(messages).toEqual(['{"key":"report"}']);
  client.close();
});

test('a throttled route answers Too Many Requests', async () => {
  const client = await open();
  expect(await ask(client, { type: 'slow' })).toEqual({ key: 'slow' });
  expect(await ask(client, { type: 'slow' })).toMatchObject({ message: 'Too Many Requests' });
  client.close();
});

test('a function that does not answer in time becomes an error frame', async () => {
  const stack = await start(shape, handlers, { limits: { socketTimeoutMs: 30 } });
  const client = await open(stack);
  expect(await ask(client, { type: 'wait' })).toMatchObject({ message: 'Endpoint request timed out' });
  client.close();
  await stack.stop();
});

test('messages of one client run side by side up to the bound; the rest waits and none is lost', async () => {
  const stack = await start(shape, handlers, { limits: { concurrentMessages: 3 } });
  held.length = 0;
  const client = await open(stack);
  const answers: string[] = [];
  client.on('message', (data) => answers.push(JSON.parse(String(data)).id));
  for (let id = 0; id < 8; id++) client.send(JSON.stringify({ type: 'wait', id }));
  await until(() => held.length === 3);
  await new Promise((resolve) => setImmediate(resolve));
  expect(stack.events.get('wait')?.length).toBe(3);
  held[2]?.();
  await until(() => answers.length === 1);
  expect(answers).toEqual([2]);
  while (answers.length < 8) {
    for (const release of held) release();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect([...answers].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  client.close();
  await stack.stop();
});

test('a client whose messages are not done is not read from, and all of them are answered in the end', async () => {
  const stack = await start(shape, handlers, { limits: { concurrentMessages: 1 } });
  held.length = 0;
  const busy = await open(stack);
  const other = await open(stack);
  let answers = 0;
  busy.on('message', () => {
    answers += 1;
  });
  const pad = 'x'.repeat(30_000);
  for (let count = 0; count < 500; count++) busy.send(JSON.stringify({ type: 'wait', pad }));
  // By the time that the other client has had as much through, nothing more would move for the busy one.
  for (let count = 0; count < 500; count++) await ask(other, { type: 'report', pad });
  expect(busy.bufferedAmount).toBeGreaterThan(0);
  expect(stack.events.get('wait')?.length).toBe(1);
  while (answers < 500) {
    for (const release of held.splice(0)) release();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await stack.stop();
});

test.each([
  ['a frame of more than 32 KB', 1009, (client: WebSocket) => client.send('x'.repeat(32 * 1024 + 1))],
  [
    'a message of more than 128 KB in small frames',
    1009,
    (client: WebSocket) => {
      for (let part = 0; part < 5; part++) client.send('x'.repeat(30_000), { fin: part === 4 });
    },
  ],
  ['a binary message', 1003, (client: WebSocket) => client.send(Buffer.from([1, 2, 3]))],
])('%s closes the connection with %d and reaches no function', async (_, code, send) => {
  const client = await open();
  const before = api.events.get('fallback')?.length ?? 0;
  const gone = closed(client);
  send(client);
  expect(await gone).toBe(code);
  expect(api.events.get('fallback')?.length ?? 0).toBe(before);
});

test('a message of 100 KB in small frames is taken, and metered in steps of 32 KB', async () => {
  const client = await open();
  const before = api.usage.length;
  const answer = once(client, 'message');
  for (let part = 0; part < 4; part++) client.send('x'.repeat(25_000), { fin: part === 3 });
  await answer;
  const messages = api.usage.slice(before).filter(({ action }) => action === 'Message');
  expect(messages.map(({ units }) => units?.messages)).toEqual([4, 1]);
  client.close();
});

test('the $disconnect function learns the code, and connection time is metered', async () => {
  const client = await open();
  const id = await connectionOf(client);
  const before = api.events.get('disconnect')?.length ?? 0;
  client.close(4001, 'done');
  await until(() => (api.events.get('disconnect')?.length ?? 0) > before);
  expect(last(api, 'disconnect').requestContext).toMatchObject({
    connectionId: id,
    routeKey: '$disconnect',
    eventType: 'DISCONNECT',
    disconnectStatusCode: 4001,
    disconnectReason: 'done',
    authorizer: { sub: 'taxi-1' },
  });
  expect(
    api.usage.some(({ action, units }) => action === 'ConnectionMinutes' && (units?.connectionMinutes ?? 0) > 0),
  ).toBe(true);
});

test.each<[string, Partial<Limits>]>([
  ['idle', { idleMs: 30 }],
  ['at its longest', { durationMs: 30 }],
])('a connection that is %s is closed with 1001', async (_, limits) => {
  const stack = await start(shape, handlers, { limits });
  expect(await closed(await open(stack))).toBe(1001);
  await stack.stop();
});

test('@connections posts, describes and deletes, and a connection that is gone is gone', async () => {
  const client = await open();
  const id = await connectionOf(client);
  const received = once(client, 'message');
  expect(api.connections.post(id, Buffer.from('{"type":"positions"}'))).toBe('ok');
  expect(String((await received)[0])).toBe('{"type":"positions"}');
  expect(api.connections.post(id, Buffer.alloc(128 * 1024 + 1))).toBe('too-large');
  expect(api.connections.get(id)).toMatchObject({
    identity: { sourceIp: '127.0.0.1' },
    connectedAt: expect.any(Number),
  });
  const gone = closed(client);
  expect(api.connections.delete(id)).toBe(true);
  expect(await gone).toBe(1000);
  await until(() => api.connections.get(id) === undefined);
  expect([api.connections.post(id, Buffer.from('x')), api.connections.delete(id)]).toEqual(['gone', false]);
});

test('posts to a client that does not read are refused once its buffer is full, and nothing more is kept', async () => {
  const stack = await start(shape, handlers, { limits: { sendBufferBytes: 300_000 } });
  const client = await open(stack);
  const id = await connectionOf(client, stack);
  client.pause();
  const results = Array.from({ length: 400 }, () => stack.connections.post(id, Buffer.alloc(100_000, 'x')));
  expect(results[0]).toBe('ok');
  expect(results.at(-1)).toBe('throttled');
  client.resume();
  let received = 0;
  client.on('message', () => {
    received += 1;
  });
  await until(() => received === results.filter((result) => result === 'ok').length);
  await until(() => stack.connections.post(id, Buffer.from('again')) === 'ok');
  client.close();
  await stack.stop();
});

test('the number of connections is bounded, and a place that is left is free again', async () => {
  const stack = await start(shape, handlers, { limits: { connections: 2 } });
  const first = await open(stack);
  await open(stack);
  expect(await refusal('ticket=good', [], stack)).toEqual([429, 'Too Many Requests']);
  first.close();
  await until(() => (stack.events.get('disconnect')?.length ?? 0) === 1);
  await open(stack);
  await stack.stop();
});

test('stopping tells clients 1001 and waits for their $disconnect functions', async () => {
  const stack = await start(shape, handlers);
  const client = await open(stack);
  const gone = closed(client);
  await stack.stop();
  expect(await gone).toBe(1001);
  expect(stack.events.get('disconnect')?.length).toBe(1);
});

test('a plain request to /ws and an upgrade elsewhere are no WebSocket', async () => {
  const elsewhere = new WebSocket(`${api.ws.replace('/ws', '/v1/ws')}?ticket=good`);
  const [, response] = (await once(elsewhere, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(response.statusCode).toBe(404);
});
