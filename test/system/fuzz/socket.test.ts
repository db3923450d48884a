import fc from 'fast-check';
import WebSocket from 'ws';
import { serverMessages } from '../../../lambdas/contract/socket';
import { leaks } from '../security/leaks';
import { type SocketClient, StackClient, startedStack } from '../stack';
import { anyBytes, message, nearlyJson, nearlyText } from './inputs';
import { crashes, tryAll } from './stack-judge';

jest.setTimeout(300_000);

const STACK = 'proofs';
let client: StackClient;
let token: string;
let crashed: number;

beforeAll(async () => {
  client = new StackClient(await startedStack(STACK));
  crashed = crashes(STACK).length;
  token = await client.token('fuzz', 'feeder', 'device', 'operator', 'viewer');
});

const schemas: Record<string, { safeParse(value: unknown): { success: boolean } }> = serverMessages;

/** What is wrong with the frames that a client was sent: each is of the contract, and no error is ours. */
const wrongWith = (frames: { type?: string; code?: string; message?: string }[]): string[] =>
  frames.flatMap((frame) => {
    const text = JSON.stringify(frame);
    const known = schemas[frame.type ?? '']?.safeParse(frame).success ?? false;
    const ours = frame.code === 'internal' || frame.message === 'Internal server error';
    return [...(known && !ours ? [] : [`no frame of the contract: ${text}`]), ...leaks(text)];
  });

/** Messages as text frames. The gateway answers each, or closes the socket. */
const texts = fc.oneof(
  { arbitrary: nearlyJson(message).map((value) => JSON.stringify(value) ?? ''), weight: 6 },
  { arbitrary: nearlyText(message), weight: 3 },
  { arbitrary: anyBytes.map(String), weight: 1 },
);

/** Whether the socket answers a ping. Messages run side by side: others' answers may still come. */
async function alive(socket: SocketClient): Promise<boolean> {
  if (socket.socket.readyState !== WebSocket.OPEN) return false;
  const start = socket.frames.length;
  socket.send({ type: 'ping' });
  return socket
    .frame(({ type }) => type === 'pong', start, 30_000)
    .then(
      () => true,
      () => false,
    );
}

/** Sockets at a time, and messages that each sends before it waits for an answer. */
const [SOCKETS, MESSAGES] = [4, 4];

test('messages in text', async () => {
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => client.socket(token)));
  // What is longer than a frame may be ends its socket, as the odd frames below do.
  const several = fc.array(
    texts.filter((text) => Buffer.byteLength(text) < 32_000),
    { minLength: MESSAGES, maxLength: MESSAGES },
  );
  await tryAll(
    `${MESSAGES} messages to a socket`,
    250,
    several,
    async (all) => {
      const socket = sockets.pop() ?? (await client.socket(token));
      for (const text of all) socket.send(text);
      const answered = await alive(socket);
      sockets.push(socket);
      expect({ answered, wrong: wrongWith(socket.frames) }).toEqual({ answered: true, wrong: [] });
      socket.frames.length = 0;
    },
    SOCKETS,
  );
  for (const socket of sockets) {
    expect(await alive(socket)).toBe(true);
    expect(wrongWith(socket.frames)).toEqual([]);
    socket.close();
  }
});

/** Frames that no client of ours sends: cut, oversized, binary, with codes that the protocol does not have. */
type Odd = (socket: WebSocket) => void;
const odd: fc.Arbitrary<Odd> = fc.oneof(
  anyBytes.map(
    (bytes): Odd =>
      (socket) =>
        socket.send(bytes, { binary: true }),
  ),
  texts.map(
    (text): Odd =>
      (socket) => {
        const middle = text.length >> 1;
        socket.send(text.slice(0, middle), { fin: false });
        socket.send(text.slice(middle), { fin: true });
      },
  ),
  fc.integer({ min: 30_000, max: 300_000 }).map(
    (size): Odd =>
      (socket) =>
        socket.send('x'.repeat(size)),
  ),
  fc.uint8Array({ maxLength: 40 }).map(
    (bytes): Odd =>
      (socket) => {
        // Past the client library: bytes that may be no frame at all.
        Object(socket)._socket?.write(Buffer.from(bytes));
      },
  ),
  fc.string({ unit: 'binary', maxLength: 40 }).map(
    (text): Odd =>
      (socket) =>
        socket.ping(text),
  ),
);

test('frames that are none', async () => {
  await tryAll('odd frames', 64, odd, async (strike) => {
    const socket = await client.socket(token);
    socket.socket.on('error', () => undefined);
    strike(socket.socket);
    if (socket.socket.readyState === WebSocket.OPEN) socket.send({ type: 'ping' });
    await settledSocket(socket);
    const wrong = wrongWith(socket.frames);
    socket.close();
    if (wrong.length > 0) throw new Error(wrong.join('; '));
  });
  expect(await alive(await client.socket(token))).toBe(true);
});

test('nothing has crashed', () => expect(crashes(STACK).slice(crashed)).toEqual([]));

/** Waits for an answer, or for the end of the socket: a frame that was never finished gets neither for a while. */
async function settledSocket({ socket, frames }: SocketClient): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 200);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    socket.once('close', done);
    socket.on('message', () => frames.some(({ type }) => type === 'pong') && done());
  });
}
