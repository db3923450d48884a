import { connect, createServer, type Server, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { type GateOptions, ValkeyGate } from '../../../local/resources/valkey-gate';

/** An engine that answers each command `+OK`, and keeps what it was sent. */
let engine: Server;
let received: string[];
let gate: ValkeyGate;
const open = new Set<Socket>();
const asked: string[] = [];
let admit: GateOptions['admit'] = () => true;

beforeAll(async () => {
  engine = createServer((socket) => {
    open.add(socket);
    socket.on('data', (chunk) => {
      received.push(chunk.toString());
      for (const _ of chunk.toString().matchAll(/\*\d+\r\n/g)) socket.write('+OK\r\n');
    });
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
});
beforeEach(async () => {
  received = [];
  asked.length = 0;
  admit = () => true;
  const address = engine.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  gate = await ValkeyGate.open({
    target: { host: '127.0.0.1', port },
    admit: (user) => {
      asked.push(user);
      return admit(user);
    },
  });
});
afterEach(() => gate.close());
afterAll(() => {
  for (const socket of open) socket.destroy();
  engine.close();
});

function client(more: object = {}): Redis {
  const redis = new Redis({
    host: '127.0.0.1',
    port: gate.port,
    username: 'service',
    password: '',
    lazyConnect: true,
    protocol: 2,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: null,
    ...more,
  });
  redis.on('error', () => undefined);
  return redis;
}

test('who may connect signs in once, and its commands pass unchanged', async () => {
  const redis = client();
  await redis.connect();
  expect(await Promise.all([redis.set('a', 'b'), redis.get('ä')])).toEqual(['OK', 'OK']);
  redis.disconnect();
  expect(asked).toEqual(['service']);
  expect(received.join('')).toBe(
    '*3\r\n$4\r\nauth\r\n$7\r\nservice\r\n$0\r\n\r\n*3\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\nb\r\n*2\r\n$3\r\nget\r\n$2\r\nä\r\n',
  );
});

test('who may not is told so as ElastiCache does, and nothing reaches the engine', async () => {
  admit = () => false;
  const redis = client();
  const errors: string[] = [];
  redis.on('error', (error) => errors.push(error.message));
  await redis.connect().catch(() => undefined);
  await expect(redis.get('a')).rejects.toThrow();
  expect(errors.join()).toContain('WRONGPASS invalid username-password pair or user is disabled.');
  expect(received).toEqual([]);
});

test.each([['PING\r\n'], ['*1\r\n$4\r\nPING\r\n']])('%j before signing in is refused', async (command) => {
  const socket = connect(gate.port, '127.0.0.1');
  const answered = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
  socket.write(command);
  expect(await answered).toBe('-NOAUTH Authentication required.\r\n');
  expect(asked).toEqual([]);
  expect(received).toEqual([]);
});

test('a sign-in that comes byte by byte is understood', async () => {
  const socket = connect(gate.port, '127.0.0.1').setNoDelay(true);
  const answered = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
  for (const byte of '*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n') {
    await new Promise<void>((resolve) => socket.write(byte, () => resolve()));
  }
  expect(await answered).toBe('+OK\r\n');
  socket.destroy();
  expect(asked).toEqual(['u']);
});

test('a silent gate holds open connections without an answer, and a mended one lets new ones through', async () => {
  const redis = client({ commandTimeout: 50 });
  await redis.connect();
  gate.fault = 'silent';
  await expect(redis.get('a')).rejects.toThrow('Command timed out');
  redis.disconnect();
  gate.fault = undefined;
  const other = client();
  await other.connect();
  expect(await other.get('a')).toBe('OK');
  other.disconnect();
});

test('a delay holds answers up', async () => {
  const redis = client();
  await redis.connect();
  gate.fault = { delayMs: 100 };
  const from = performance.now();
  await redis.get('a');
  expect(performance.now() - from).toBeGreaterThan(98);
  redis.disconnect();
});
