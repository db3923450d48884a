import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineSpec, startEngine } from '../../../local/engines/engine';
import { freePorts, holdPort } from '../../../local/engines/ports';
import { Watchdog } from '../../../local/engines/watchdog';

let folder: string;
let watchdog: Watchdog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-'));
  watchdog = new Watchdog(join(folder, 'lock'), undefined);
});
afterEach(async () => {
  await watchdog.end();
  rmSync(folder, { recursive: true, force: true });
});

function shell(script: string, ready: () => Promise<boolean>): EngineSpec {
  return { name: 'shell', url: 'http://127.0.0.1', command: '/bin/sh', args: ['-c', script], cwd: folder, ready };
}

function start(spec: EngineSpec, log: (line: string) => void = () => undefined) {
  return startEngine(spec, { logFile: join(folder, 'log'), watchdog, log });
}

const started = async () => readFileSync(join(folder, 'log'), 'utf8').includes('up');

test('an engine that ends while it starts is an error with the end of its log', async () => {
  const failed = start(shell('echo too little memory; exit 3', () => Promise.resolve(false)));
  await expect(failed).rejects.toThrow(/^shell ended while it started[\s\S]*too little memory$/);
});

test('a command that is not there is an error, not a crash', async () => {
  const failed = start({ ...shell('', () => Promise.resolve(false)), command: join(folder, 'none') });
  await expect(failed).rejects.toThrow('shell ended while it started');
});

test('a probe that rejects counts as not yet', async () => {
  let tries = 0;
  const spec = shell('exec sleep 60', async () => {
    tries += 1;
    if (tries < 3) throw new Error('refused');
    return true;
  });
  await (await start(spec)).stop();
  expect(tries).toBe(3);
});

test('a stop that was asked for is not told of, an end of its own is', async () => {
  const told: string[] = [];
  const engine = await start(shell('echo up; exec sleep 60', started), (line) => told.push(line));
  await engine.stop();
  await engine.restart();
  await engine.kill();
  expect(told).toEqual([]);
  await engine.restart();
  process.kill(engine.pid ?? 0, 'SIGTERM');
  while (engine.pid !== undefined) await new Promise(setImmediate);
  expect(told).toEqual([`shell ended unexpectedly (SIGTERM); see ${join(folder, 'log')}`]);
});

test('a restart goes on with the same log', async () => {
  const engine = await start(shell('echo up; exec sleep 60', started));
  await engine.restart();
  // The first start's line is in the log already, so the second start counts as ready before it has said its own.
  const log = () => readFileSync(join(folder, 'log'), 'utf8');
  for (let tries = 0; tries < 500 && log() === 'up\n'; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  await engine.stop();
  expect(log()).toBe('up\nup\n');
});

test('what the watchdog still watches when it ends is ended, and its lock and folder removed', async () => {
  const data = join(folder, 'data');
  mkdirSync(data);
  const own = new Watchdog(join(folder, 'own'), data);
  const spec = shell('echo up; exec sleep 60', started);
  const engine = await startEngine(spec, { logFile: join(folder, 'log'), watchdog: own, log: () => undefined });
  await own.end();
  while (engine.pid !== undefined) await new Promise(setImmediate);
  expect(existsSync(data)).toBe(false);
});

test('free ports are distinct and can be taken', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

test('a port that is held is nobody else’s until it is released', async () => {
  const held = await holdPort(0);
  const port = held?.port ?? 0;
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_768);
  expect(await holdPort(port)).toBeUndefined();
  // Whoever calls meanwhile is turned away, and keeps nobody waiting.
  const caller = connect(port, '127.0.0.1').on('error', () => undefined);
  await new Promise((done) => caller.once('close', done));
  await held?.release();
  const again = await holdPort(port);
  expect(again?.port).toBe(port);
  await again?.release();
});
