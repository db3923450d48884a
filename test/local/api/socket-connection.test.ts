import { once } from 'node:events';
import type { Limits } from '../../../local/api';
import { type Started, start } from './fixture';
import { closed, connectionOf, handlers, last, open, shape, until } from './socket-fixture';

let api: Started;
beforeAll(async () => {
  api = await start(shape, handlers);
});
afterAll(() => api.stop());

test('the $disconnect function learns the code, and connection time is metered', async () => {
  const client = await open(api);
  const id = await connectionOf(client, api);
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
  const client = await open(api);
  const id = await connectionOf(client, api);
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

test('stopping tells clients 1001 and waits for their $disconnect functions', async () => {
  const stack = await start(shape, handlers);
  const client = await open(stack);
  const gone = closed(client);
  await stack.stop();
  expect(await gone).toBe(1001);
  expect(stack.events.get('disconnect')?.length).toBe(1);
});
