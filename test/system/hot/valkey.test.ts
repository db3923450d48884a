import { setTimeout as sleep } from 'node:timers/promises';
import { Limiter, LocalBuckets } from '../../../lambdas/platform/limiter';
import { connectValkey, defineScript, type Valkey, ValkeyUnavailable } from '../../../lambdas/platform/valkey';
import { eventually } from '../stack';
import { startValkey, type TestValkey } from './valkey';

jest.setTimeout(120_000);

let server: TestValkey;

beforeAll(async () => {
  server = await startValkey();
});
afterAll(() => server.stop());

/** Asks until there is an answer. */
const answering = (valkey: Valkey) => eventually(() => valkey.run([['PING']]).catch(() => undefined));

const echo = defineScript(`return { KEYS[1], ARGV[1] }`);

test('commands and scripts of many slots go in one round trip', async () => {
  const valkey = connectValkey(server.environment);
  const keys = ['a', 'b', 'c', 'd', 'e'];
  const scripts = keys.map((key) => ({ script: echo, keys: [`{${key}}`], args: [key] }));
  const replies = await valkey.run([['SET', 'x', '1'], ...scripts, ['GET', 'x'], ['GET', 'nothing']]);
  expect(replies).toEqual(['OK', ...keys.map((key) => [`{${key}}`, key]), '1', null]);
});

test('scripts that the server forgot are sent again', async () => {
  const valkey = connectValkey(server.environment);
  const command = { script: echo, keys: ['k'], args: [7] };
  expect(await valkey.run([command, command])).toEqual([
    ['k', '7'],
    ['k', '7'],
  ]);
  await valkey.run([['SCRIPT', 'FLUSH']]);
  expect(await valkey.run([['PING'], command])).toEqual(['PONG', ['k', '7']]);
});

test('a command that is refused fails the round trip, and the next one is fine', async () => {
  const valkey = connectValkey(server.environment);
  await valkey.run([['SET', 'text', 'a']]);
  await expect(valkey.run([['INCR', 'text']])).rejects.toThrow(ValkeyUnavailable);
  expect(await valkey.run([['GET', 'text']])).toEqual(['a']);
});

test('the limits’ script gives what a bucket in this process would', async () => {
  const limiter = new Limiter(connectValkey(server.environment));
  const local = new LocalBuckets();
  const allowance = { key: 'device:a', ratePerSecond: 3, burst: 5 };
  let now = Date.UTC(2026, 6, 1);
  for (const gap of [0, 0, 0, 0, 0, 0, 100, 250, 0, 333, 1, 334, 0, 5_000, 0, 0, 0, 0, 0, 0]) {
    now += gap;
    expect(await limiter.take([allowance], now)).toBe(local.take(allowance, now));
  }
});

test('a connection that the server closed meanwhile costs no request', async () => {
  const valkey = connectValkey(server.environment);
  const other = connectValkey(server.environment);
  await valkey.run([['PING']]);
  await other.run([['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']]);
  expect(await valkey.run([['PING']])).toEqual(['PONG']);
});

test('a server that is gone fails fast, then at once, and is found again when it is back', async () => {
  const valkey = connectValkey(server.environment);
  await valkey.run([['PING']]);
  await server.engine.kill();
  await expect(valkey.run([['PING']])).rejects.toThrow('not reached');
  for (let i = 0; i < 3; i++) await expect(valkey.run([['PING']])).rejects.toThrow('away a moment ago');
  await server.engine.restart();
  expect(await answering(valkey)).toEqual(['PONG']);
});

test('a server that hangs is given up in time, and the connection with it', async () => {
  const valkey = connectValkey(server.environment, { commandTimeoutMs: 400 });
  await valkey.run([['PING']]);
  await server.engine.kill('SIGSTOP');
  await expect(valkey.run([['PING']])).rejects.toThrow('not reached');
  for (let i = 0; i < 3; i++) await expect(valkey.run([['PING']])).rejects.toThrow('away a moment ago');
  await server.engine.kill('SIGCONT');
  expect(await answering(valkey)).toEqual(['PONG']);
});

test('a server that hangs takes its time from one request, and from those under way', async () => {
  const valkey = connectValkey(server.environment, { commandTimeoutMs: 400 });
  await valkey.run([['PING']]);
  await server.engine.kill('SIGSTOP');
  const together = await Promise.allSettled(Array.from({ length: 20 }, () => valkey.run([['PING']])));
  const reasons = together.map((each) => (each.status === 'rejected' ? each.reason.message : 'answered'));
  expect(new Set(reasons)).toEqual(new Set(['not reached']));
  const after = await Promise.allSettled(Array.from({ length: 20 }, () => valkey.run([['PING']])));
  expect(after.map((each) => each.status === 'rejected' && each.reason.message)).toEqual(
    Array.from({ length: 20 }, () => 'away a moment ago'),
  );
  await server.engine.kill('SIGCONT');
  expect(await answering(valkey)).toEqual(['PONG']);
});

test('one late answer does not shut the server out', async () => {
  const valkey = connectValkey(server.environment, { commandTimeoutMs: 400 });
  await valkey.run([['PING']]);
  const busy = connectValkey(server.environment, { commandTimeoutMs: 20_000 });
  await busy.run([['PING']]);
  const spinning = busy.run([['EVAL', 'for i = 1, 300000000 do end return 1', 0]]);
  await sleep(20);
  await expect(valkey.run([['PING']])).rejects.toThrow('not reached');
  expect(await spinning).toEqual([1]);
  expect(await answering(valkey)).toEqual(['PONG']);
});
