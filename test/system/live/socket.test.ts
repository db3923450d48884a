import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import { limits } from '../../../lambdas/contract/limits';
import { messages } from '../../../lambdas/live/messages';
import type { Room } from '../../../lambdas/live/room';
import { socketHandler } from '../../../lambdas/platform/socket';
import { newConnection, newPlace, report, startValkey, Town } from './fixture';

let valkey: Awaited<ReturnType<typeof startValkey>>;
beforeAll(async () => {
  valkey = await startValkey();
}, 120_000);
afterAll(() => valkey.stop());

const now = () => Date.now();

/** A client on the socket: what it sends goes through the door, what is posted or answered comes back. */
class Client {
  readonly connection = newConnection();
  readonly connectedAt = now();
  private readonly handler;

  constructor(
    private readonly town: Town,
    room: Room,
    private readonly roles = 'operator',
    private readonly sub = 'someone',
  ) {
    this.handler = socketHandler(messages(room));
  }

  /** @returns the frame that answers, after those posted meanwhile */
  async send(message: unknown, route = routeOf(message)) {
    const start = this.town.clients.of(this.connection).length;
    const { body } = await this.handler({
      requestContext: {
        routeKey: route,
        connectionId: this.connection,
        connectedAt: this.connectedAt,
        authorizer: { sub: this.sub, roles: this.roles },
      },
      body: typeof message === 'string' ? message : JSON.stringify(message),
    } as unknown as APIGatewayProxyWebsocketEventV2);
    return [...this.town.clients.of(this.connection).slice(start), ...(body ? [JSON.parse(body)] : [])];
  }
}

const known = ['subscribe', 'unsubscribe', 'ping'];
function routeOf(message: unknown): string {
  const type = typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : '';
  return known.includes(type) ? type : '$default';
}
const world = { west: -180, south: -90, east: 180, north: 90 };
const subscribe = (id: string, viewport: object = world) => ({ type: 'subscribe', id, viewport });

test('a ping is answered by the clock and the subscriptions in force, also on a connection that never had any', async () => {
  const town = new Town(valkey.engine.url);
  await new Client(town, town.room()).send({ type: 'ping' });
  const client = new Client(town, town.room());
  const pong = { type: 'pong', serverTime: expect.any(Number) };
  expect(await client.send({ type: 'ping' })).toEqual([{ ...pong, subscriptions: [] }]);
  await client.send(subscribe('a'));
  await client.send(subscribe('b'));
  expect(await client.send({ type: 'unsubscribe', id: 'a' })).toEqual([{ type: 'unsubscribed', id: 'a' }]);
  expect(await client.send({ type: 'ping' })).toEqual([{ ...pong, subscriptions: ['b'] }]);
});

test('the same id again replaces: the old box is no longer followed', async () => {
  const town = new Town(valkey.engine.url);
  const room = town.room();
  const client = new Client(town, room);
  const [first, second] = [newPlace(), newPlace()];
  await client.send(subscribe('map', first.viewport));
  await client.send(subscribe('map', second.viewport));
  await report(room, first.taxi, { time: now(), ...first.inside });
  await report(room, second.taxi, { time: now(), ...second.inside });
  expect([...town.clients.view(client.connection).keys()]).toEqual([second.taxi]);
});

test('subscribing anew time and again, all at once, leaves one subscription and nothing behind', async () => {
  const town = new Town(valkey.engine.url);
  const room = town.room();
  const client = new Client(town, room);
  const { viewport } = newPlace();
  const boxes = Array.from({ length: 8 }, (_, step) => ({ ...viewport, east: viewport.east + (step % 3) / 100 }));
  await Promise.all(boxes.map((box) => client.send(subscribe('map', box))));
  const topics = await room.valkey.run([['KEYS', 'subs:*']]);
  const members = await room.valkey.run((topics[0] as string[]).map((key) => ['ZRANGE', key, 0, -1] as const));
  const mine = new Set(members.flat().filter((member) => String(member).startsWith(client.connection)));
  expect(mine.size).toBe(1);
});

test('nothing comes after unsubscribing, and a closed connection leaves nothing behind', async () => {
  const town = new Town(valkey.engine.url);
  const room = town.room();
  const client = new Client(town, room);
  const { taxi, viewport, inside } = newPlace();
  await client.send(subscribe('map', viewport));
  await client.send({ type: 'unsubscribe', id: 'map' });
  await report(room, taxi, { time: now(), ...inside });
  expect(town.clients.of(client.connection).map(({ type }) => type)).toEqual(['snapshot']);
  await client.send(subscribe('map', viewport));
  await client.send('', '$disconnect');
  expect(await room.valkey.run([['KEYS', `live:{${client.connection}}*`]])).toEqual([[]]);
});

test('a connection has so many subscriptions and no more; replacing one is always possible', async () => {
  const town = new Town(valkey.engine.url);
  const client = new Client(town, town.room());
  for (let id = 0; id < limits.subscriptionsPerConnection; id++) await client.send(subscribe(`${id}`));
  expect(await client.send(subscribe('more'))).toMatchObject([
    { type: 'error', id: 'more', code: 'too_many_subscriptions' },
  ]);
  expect(await client.send(subscribe('0'))).toMatchObject([{ type: 'snapshot', id: '0' }]);
});

test.each<[string, string, string, unknown, string]>([
  ['a viewer', 'viewer', 'rider-1', { type: 'subscribe', id: 'd', device: 'taxi-1' }, 'not_found'],
  ['another device', 'device', 'taxi-2', { type: 'subscribe', id: 'd', device: 'taxi-1' }, 'not_found'],
  ['a device', 'device', 'taxi-1', subscribe('map'), 'role_missing'],
  ['nobody in particular', '', 'rider-1', subscribe('map'), 'role_missing'],
])('%s may not follow what is not for it', async (_, roles, sub, message, code) => {
  const town = new Town(valkey.engine.url);
  expect(await new Client(town, town.room(), roles, sub).send(message)).toMatchObject([{ type: 'error', code }]);
});

test('a device follows itself, by its own name', async () => {
  const town = new Town(valkey.engine.url);
  const room = town.room();
  const { taxi, inside, outside } = newPlace();
  const client = new Client(town, room, 'device', taxi);
  await report(room, taxi, { time: now(), ...inside });
  await client.send({ type: 'subscribe', id: 'me', device: taxi });
  await report(room, taxi, { time: now() + 1, ...outside });
  const positions = town.clients.of(client.connection).map((frame) => frame.positions[0]);
  expect(positions).toMatchObject([
    { vehicle: taxi, ...inside },
    { vehicle: taxi, ...outside },
  ]);
});

test.each<[string, unknown, string, string]>([
  ['no JSON', '{', 'malformed_json', ''],
  ['nothing', '', 'malformed_json', ''],
  ['a list', [], 'unknown_type', '/type'],
  ['a type that nobody knows', { type: 'fly' }, 'unknown_type', '/type'],
  ['no box', { type: 'subscribe', id: 'a' }, 'required', '/viewport'],
  ['a box without an edge', subscribe('a', { west: 1, south: 1, east: 2 }), 'required', '/viewport/north'],
  ['a box upside down', subscribe('a', { ...world, south: 1, north: 0 }), 'invalid', '/viewport/south'],
  ['an edge off the map', subscribe('a', { ...world, east: 181 }), 'out_of_range', '/viewport/east'],
  ['no id', { type: 'subscribe', viewport: world }, 'required', '/id'],
  ['a device that is no id', { type: 'subscribe', id: 'a', device: 'a/b' }, 'invalid', '/device'],
  ['a box and a device', { ...subscribe('a'), device: 'taxi' }, 'unknown_field', '/device'],
  ['more than a ping', { type: 'ping', at: 1 }, 'unknown_field', '/at'],
])('%s is answered by an error that says what is wrong', async (_, message, code, pointer) => {
  const town = new Town(valkey.engine.url);
  const [frame] = await new Client(town, town.room()).send(message);
  expect(frame).toMatchObject({ type: 'error', code, pointer });
});

test('while Valkey is away subscribing says to try again, pings are answered, and positions are skipped', async () => {
  const town = new Town(valkey.engine.url);
  const room = town.room();
  const client = new Client(town, room);
  const { taxi, viewport, inside } = newPlace();
  await client.send(subscribe('map', viewport));
  await valkey.engine.kill();
  expect(await client.send(subscribe('b'))).toMatchObject([
    { type: 'error', id: 'b', code: 'live_unavailable', retryAfterSeconds: 5 },
  ]);
  expect(await client.send({ type: 'ping' })).toEqual([{ type: 'pong', serverTime: expect.any(Number) }]);

  await valkey.engine.restart();
  const pings = [];
  for (const until = now() + 15_000; now() < until && pings.flat().length < 2; await sleep(500)) {
    pings.push((await client.send({ type: 'ping' })).filter((frame) => frame.code || frame.subscriptions));
  }
  expect(pings.flat()).toMatchObject([
    { type: 'error', code: 'subscriptions_lost' },
    { type: 'pong', subscriptions: [] },
  ]);
  expect(await client.send({ type: 'ping' })).toMatchObject([{ type: 'pong' }]);
  await client.send(subscribe('map', viewport));
  await report(room, taxi, { time: now(), ...inside });
  expect([...town.clients.view(client.connection).keys()]).toEqual([taxi]);
}, 40_000);

test('a subscription that lost its place in a topic is told as lost', async () => {
  const town = new Town(valkey.engine.url);
  const room = town.room();
  const client = new Client(town, room);
  const { taxi } = newPlace();
  await client.send({ type: 'subscribe', id: 'd', device: taxi });
  await client.send(subscribe('map'));
  await room.valkey.run([['DEL', `subs:{device:${taxi}}`]]);
  expect(await client.send({ type: 'ping' })).toMatchObject([
    { type: 'error', id: 'd', code: 'subscriptions_lost' },
    { type: 'pong', subscriptions: ['map'] },
  ]);
});
