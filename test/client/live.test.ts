import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { type Frame, Live, type LiveOptions, type Viewport } from '../../client/src/live';
import { clientMessages } from '../../lambdas/contract/socket';
import { eventually } from '../system/stack';
import { FakeClock } from './fake-clock';
import { MemoryServer } from './server';

const clock = new FakeClock();
const box: Viewport = { west: -9, south: 41, east: -8, north: 42 };

/** A WebSocket API in memory. */
class Sockets {
  readonly server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  readonly opened: { socket: WebSocket; ticket: string | null }[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of every shape; the contract holds them.
  readonly heard: any[] = [];
  pongs = true;

  constructor() {
    this.server.on('connection', (socket, { url }) => {
      this.opened.push({ socket, ticket: new URLSearchParams(url?.split('?')[1]).get('ticket') });
      socket.on('message', (data) => this.hear(socket, JSON.parse(String(data))));
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get subscribed() {
    return this.heard.filter(({ type }) => type === 'subscribe');
  }

  get newest(): WebSocket | undefined {
    return this.opened.at(-1)?.socket;
  }

  tell(message: object): void {
    this.newest?.send(JSON.stringify(message));
  }

  private hear(socket: WebSocket, message: { type: keyof typeof clientMessages }): void {
    clientMessages[message.type].parse(message);
    this.heard.push(message);
    if (message.type === 'ping' && this.pongs) socket.send(JSON.stringify({ type: 'pong', serverTime: 0 }));
  }
}

let api: MemoryServer;
let sockets: Sockets;
let live: Live;
let states: string[];
let tickets: number;

beforeEach(async () => {
  api = await MemoryServer.open();
  sockets = new Sockets();
  await once(sockets.server, 'listening');
  [states, tickets] = [[], 0];
  api.routes.set('/v1/tickets', () => ({ status: 201, body: { ticket: `ticket-${++tickets}`, expiresAt: 0 } }));
});
afterEach(async () => {
  live.close();
  for (const socket of sockets.server.clients) socket.terminate();
  sockets.server.close();
  await api.close();
});

function open(options: Partial<LiveOptions> = {}): Live {
  live = new Live({
    api: api.url,
    ws: sockets.url,
    token: 'token',
    webSocket: WebSocket,
    onState: (state) => states.push(state),
    environment: { clock, random: () => 0.5 },
    ...options,
  });
  return live;
}

const vehicle = (name: string) => ({ vehicle: name, time: 1, lat: 41.5, lon: -8.5 });

test('follows a viewport and a device over one connection, opened by a ticket', async () => {
  const frames: Frame[] = [];
  const devices: Frame[] = [];
  open().follow({ viewport: box }, (frame) => frames.push(frame));
  live.follow({ device: 'taxi' }, (frame) => devices.push(frame));
  await eventually(() => sockets.subscribed.length === 2);
  expect(sockets.opened.map(({ ticket }) => ticket)).toEqual(['ticket-1']);
  const [map, device] = sockets.subscribed;
  expect(map).toMatchObject({ viewport: box });
  sockets.tell({ type: 'snapshot', id: map.id, positions: [vehicle('a')], left: [], names: { until: 5, everyMs: 9 } });
  sockets.tell({ type: 'positions', id: device.id, positions: [vehicle('taxi')], left: ['b'] });
  await eventually(() => devices.length === 1);
  expect(frames).toEqual([{ type: 'snapshot', positions: [vehicle('a')], left: [], names: { until: 5, everyMs: 9 } }]);
  expect(devices).toEqual([{ type: 'positions', positions: [vehicle('taxi')], left: ['b'] }]);
});

test('comes back when the connection is cut, with another ticket, and subscribes to what it follows now', async () => {
  const subscription = open().follow({ viewport: box }, () => undefined);
  const ended = live.follow({ device: 'gone' }, () => undefined);
  await eventually(() => sockets.subscribed.length === 2);
  const moved = { ...box, west: -8.9 };
  subscription.move(moved);
  ended.close();
  await eventually(() => sockets.heard.some(({ type }) => type === 'unsubscribe'));
  const before = sockets.subscribed.length;
  sockets.newest?.terminate();
  await eventually(() => states.includes('lost'));
  clock.advance(1_000);
  await eventually(() => sockets.subscribed.length === before + 1);
  expect(sockets.subscribed.at(-1)).toMatchObject({ viewport: moved });
  expect(sockets.opened.map(({ ticket }) => ticket)).toEqual(['ticket-1', 'ticket-2']);
});

test('a connection that no longer answers is given up', async () => {
  sockets.pongs = false;
  open().follow({ viewport: box }, () => undefined);
  await eventually(() => sockets.subscribed.length === 1);
  clock.advance(10_000);
  expect(states).toContain('lost');
  clock.advance(1_000);
  await eventually(() => sockets.opened.length === 2);
});

test('while tickets are refused it asks again, later and later', async () => {
  let refusals = 3;
  api.routes.set('/v1/tickets', () =>
    refusals-- > 0 ? { status: 503, headers: { 'retry-after': '7' } } : { status: 201, body: { ticket: 'late' } },
  );
  open().follow({ viewport: box }, () => undefined);
  for (let lost = 1; lost <= 3; lost++) {
    await eventually(() => states.filter((state) => state === 'lost').length === lost);
    clock.advance(6_000);
    expect(states.at(-1)).toBe('lost');
    clock.advance(2_000);
  }
  await eventually(() => sockets.subscribed.length === 1);
  expect(sockets.opened[0]?.ticket).toBe('late');
});

test('what the server has forgotten is subscribed again', async () => {
  open().follow({ viewport: box }, () => undefined);
  await eventually(() => sockets.subscribed.length === 1);
  await eventually(() => sockets.heard.some(({ type }) => type === 'ping'));
  sockets.tell({ type: 'pong', serverTime: 0, subscriptions: [] });
  sockets.tell({ type: 'pong', serverTime: 0, subscriptions: [] });
  await eventually(() => sockets.subscribed.length > 1);
  const before = sockets.subscribed.length;
  sockets.tell({ type: 'error', code: 'subscriptions_lost', detail: 'Lost.' });
  await eventually(() => sockets.subscribed.length > before);
});

test('a subscription that is refused is told why, and tried again when it is said to help', async () => {
  const errors: string[] = [];
  open().follow(
    { viewport: box },
    () => undefined,
    ({ code }) => errors.push(code),
  );
  await eventually(() => sockets.subscribed.length === 1);
  const { id } = sockets.subscribed[0];
  sockets.tell({ type: 'error', id, code: 'live_unavailable', detail: 'Later.', retryAfterSeconds: 5 });
  await eventually(() => errors.length === 1);
  expect(errors).toEqual(['live_unavailable']);
  clock.advance(5_000);
  await eventually(() => sockets.subscribed.length === 2);
});
