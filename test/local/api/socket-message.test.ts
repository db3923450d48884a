import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { type Started, start } from './fixture';
import { ask, closed, handlers, held, open, shape, until } from './socket-fixture';

const logFormat = JSON.stringify({
  event: '$context.eventType',
  route: '$context.routeKey',
  status: '$context.status',
  ms: '$context.integrationLatency',
  error: '$context.error.message',
});

let api: Started;
beforeAll(async () => {
  api = await start(shape, handlers);
});
afterAll(() => api.stop());

test.each([
  [{ type: 'report' }, 'report'],
  [{ type: 'unheard' }, '$default'],
  [{ type: '$connect' }, '$default'],
  [{ type: ['report'] }, '$default'],
  [{}, '$default'],
  ['not json', '$default'],
  ['"report"', '$default'],
])('message %j takes route %s', async (message, key) => {
  const client = await open(api);
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
  const client = await open(api);
  const frame = await ask(client, { type });
  expect(frame).toEqual({ message, connectionId: expect.any(String), requestId: expect.any(String) });
  client.close();
});

test('a route without a response says nothing', async () => {
  const client = await open(api);
  const messages: string[] = [];
  client.on('message', (data) => messages.push(String(data)));
  client.send('{"type":"quiet"}');
  await until(() => (api.events.get('quiet')?.length ?? 0) > 0);
  await ask(client, { type: 'report' });
  expect(messages).toEqual(['{"key":"report"}']);
  client.close();
});

test('a throttled route answers Too Many Requests', async () => {
  const client = await open(api);
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
  const client = await open(api);
  const before = api.events.get('fallback')?.length ?? 0;
  const gone = closed(client);
  send(client);
  expect(await gone).toBe(code);
  expect(api.events.get('fallback')?.length ?? 0).toBe(before);
});

test('a message of 100 KB in small frames is taken, and metered in steps of 32 KB', async () => {
  const client = await open(api);
  const before = api.usage.length;
  const answer = once(client, 'message');
  for (let part = 0; part < 4; part++) client.send('x'.repeat(25_000), { fin: part === 3 });
  await answer;
  const messages = api.usage.slice(before).filter(({ action }) => action === 'Message');
  expect(messages.map(({ units }) => units?.messages)).toEqual([4, 1]);
  client.close();
});

test('the access log has a line an event, with its route, status and error, and neither query nor body', async () => {
  const stack = await start(
    { ...shape, socketStage: { AccessLogSettings: { DestinationArn: 'arn:log', Format: logFormat } } },
    handlers,
  );
  const client = await open(stack);
  await ask(client, { type: 'report', secret: 'body' });
  await ask(client, { type: 'throws' });
  client.close();
  await until(() => stack.lines.length === 4);
  const number = expect.stringMatching(/^\d+$/);
  expect(stack.lines.map(([part, line]) => [part, JSON.parse(line)])).toEqual([
    ['socket.access', { event: 'CONNECT', route: '$connect', status: '200', ms: '-', error: '-' }],
    ['socket.access', { event: 'MESSAGE', route: 'report', status: '200', ms: number, error: '-' }],
    ['socket.access', { event: 'MESSAGE', route: 'throws', status: '502', ms: number, error: 'Internal server error' }],
    ['socket.access', { event: 'DISCONNECT', route: '$disconnect', status: '200', ms: '-', error: '-' }],
  ]);
  await stack.stop();
});
