import { type Frame, LiveSocket, type SocketState } from '../../web/live-socket';

/** A WebSocket whose other end is the test. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  closed = false;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    super();
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  /** As in a browser: the event comes when the other end has closed too, which on a dead line takes its time. */
  close(): void {
    this.closed = true;
    this.readyState = 2;
  }

  opens(): this {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event('open'));
    return this;
  }

  receives(message: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  breaks(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }

  get subscriptions(): unknown[] {
    return this.sent.filter(({ type }) => type === 'subscribe').map(({ viewport }) => viewport);
  }

  get pings(): number {
    return this.sent.filter(({ type }) => type === 'ping').length;
  }
}

const porto = { west: -8.7, south: 41.1, east: -8.5, north: 41.2 };
const austin = { west: -97.8, south: 30.2, east: -97.6, north: 30.4 };

function open({ refused = false } = {}) {
  const frames: Frame[] = [];
  const states: [SocketState, string][] = [];
  const isRefused = jest.fn(async () => refused && session.token === 'old');
  const renew = jest.fn(async () => {
    session.token = 'new';
  });
  const session: { ws: string; token: string; isRefused: typeof isRefused; renew: typeof renew } = {
    ws: 'ws://127.0.0.1:1/ws',
    token: 'old',
    isRefused,
    renew,
  };
  const socket = new LiveSocket(session, {
    onFrame: (frame) => frames.push(frame),
    onState: (...state) => states.push(state),
  });
  return { socket, frames, states, session };
}

function last(): FakeSocket {
  const socket = FakeSocket.all.at(-1);
  if (!socket) throw new Error('No socket was opened.');
  return socket;
}

beforeEach(() => {
  jest.useFakeTimers();
  FakeSocket.all = [];
  Object.assign(globalThis, { WebSocket: FakeSocket });
});
afterEach(() => {
  jest.useRealTimers();
});

test('it opens with the token in the subprotocol and subscribes to the viewport once open', () => {
  const { socket } = open();
  socket.watch(porto);
  expect(last().protocols).toEqual(['waystream', 'bearer.old']);
  expect(last().sent).toEqual([]);
  expect(last().opens().subscriptions).toEqual([porto]);
});

test('a moved view is subscribed at once', () => {
  const { socket } = open();
  socket.watch(porto);
  last().opens();
  socket.watch(austin);
  expect(last().subscriptions).toEqual([porto, austin]);
});

test('a lost connection is opened again, and the newest viewport subscribed', async () => {
  const { socket, states } = open();
  socket.watch(porto);
  last().opens();
  last().breaks();
  socket.watch(austin);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(FakeSocket.all).toHaveLength(2);
  expect(last().opens().subscriptions).toEqual([austin]);
  expect(states.map(([state]) => state)).toEqual(['connecting', 'open', 'lost', 'connecting', 'open']);
});

test('attempts go on for ever, at most 15 seconds apart', async () => {
  open();
  for (let attempt = 1; attempt <= 20; attempt++) {
    expect(FakeSocket.all).toHaveLength(attempt);
    last().breaks();
    await jest.advanceTimersByTimeAsync(15_000);
  }
});

test('a refused token is renewed before the next attempt, and said so', async () => {
  const { states, session } = open({ refused: true });
  last().breaks();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(states).toContainEqual(['refused', 'the token was refused']);
  expect(session.renew).toHaveBeenCalledTimes(1);
  expect(last().protocols).toEqual(['waystream', 'bearer.new']);
});

test('the token is not doubted while the server is away, nor after a connection that had opened', async () => {
  const { session } = open();
  last().opens();
  last().breaks();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(session.isRefused).not.toHaveBeenCalled();
  last().breaks();
  await jest.advanceTimersByTimeAsync(2_000);
  expect(session.isRefused).toHaveBeenCalledTimes(1);
  expect(session.renew).not.toHaveBeenCalled();
});

test('lost subscriptions are made again', () => {
  const { socket } = open();
  socket.watch(porto);
  last().opens().receives({ type: 'error', code: 'subscriptions_lost', detail: 'All subscriptions were lost.' });
  expect(last().subscriptions).toEqual([porto, porto]);
});

test('a pong that does not know the subscription has it made again, one that may not know it yet does not', async () => {
  const { socket } = open();
  socket.watch(porto);
  last().opens().receives({ type: 'pong', serverTime: 1, subscriptions: [] });
  expect(last().subscriptions).toEqual([porto]);
  await jest.advanceTimersByTimeAsync(10_000);
  last().receives({ type: 'pong', serverTime: 1, subscriptions: [] });
  expect(last().subscriptions).toEqual([porto, porto]);
  await jest.advanceTimersByTimeAsync(10_000);
  last().receives({ type: 'pong', serverTime: 1, subscriptions: ['map'] });
  expect(last().subscriptions).toEqual([porto, porto]);
});

test('a subscription that has to wait is made again when it may', async () => {
  const { socket, states } = open();
  socket.watch(porto);
  last().opens();
  last().receives({ type: 'error', id: 'map', code: 'live_unavailable', detail: 'Away.', retryAfterSeconds: 5 });
  expect(states.at(-1)).toEqual(['refused', 'live_unavailable: Away.']);
  await jest.advanceTimersByTimeAsync(5_000);
  expect(last().subscriptions).toEqual([porto, porto]);
  last().receives({ type: 'snapshot', id: 'map', positions: [], left: [] });
  expect(states.at(-1)).toEqual(['open', 'live']);
});

test('a connection whose ping is not answered is given up at once, and its late end disturbs nothing', async () => {
  open();
  const dead = last().opens();
  expect(dead.pings).toBe(1);
  await jest.advanceTimersByTimeAsync(10_000);
  expect(dead.closed).toBe(true);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(FakeSocket.all).toHaveLength(2);
  dead.breaks();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.all).toHaveLength(2);
});

test('a connection that answers its pings stays', async () => {
  open();
  last().opens();
  for (let round = 1; round <= 10; round++) {
    last().receives({ type: 'pong', serverTime: Date.now() });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(last().pings).toBe(round + 1);
  }
  expect(FakeSocket.all).toHaveLength(1);
  expect(last().closed).toBe(false);
});

test('the server’s clock is read off a pong', async () => {
  const { socket } = open();
  last().opens();
  const pinged = Date.now();
  await jest.advanceTimersByTimeAsync(200);
  last().receives({ type: 'pong', serverTime: pinged + 100 + 5_000 });
  expect(socket.clockOffset).toBe(5_000);
});

test('frames are handed on, and what is no frame of ours is passed over', () => {
  const { frames } = open();
  const snapshot = { type: 'snapshot', id: 'map', positions: [{ vehicle: 'a', time: 1, lat: 41, lon: -8 }], left: [] };
  last().opens();
  last().receives({ type: 'news', of: 'tomorrow' });
  last().receives({ ...snapshot, positions: [{ vehicle: 'a' }] });
  last().receives(snapshot);
  expect(frames).toEqual([snapshot]);
});
