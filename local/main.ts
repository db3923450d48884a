import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { TABLE_ENGINES } from './engines';
import { isAlive } from './exclusive';
import type { StackOptions } from './options';
import { type Stack, startStack } from './start';
import { removeState, writeState } from './state';

const root = join(__dirname, '..');

const usage = readFileSync(join(__dirname, 'usage.txt'), 'utf8').trimEnd();

interface Arguments extends StackOptions {
  port: number;
  replay: boolean;
  speed: number;
  readyFile: string | undefined;
  /** a process with which the stack ends; it is that process's own, and not what `npm run local` is about */
  owner: number | undefined;
}

/** How often the owner is looked for (ms). */
const OWNER_MS = 1_000;

async function main(): Promise<void> {
  const options = parse(process.argv.slice(2));
  let stop = (): void => process.exit(1);
  if (options.owner !== undefined) whenEnded(options.owner, () => stop());
  const started = performance.now();
  const stack = await startStack({ ...options, progress: (message) => console.error(`… ${message}`) });
  const place = { api: stack.api, ws: stack.ws, console: stack.console, pid: stack.pid };
  if (options.owner === undefined) writeState({ ...place, aws: stack.aws, logs: stack.logs });
  if (options.readyFile !== undefined) write(options.readyFile, { ...place, aws: stack.aws });
  console.error(
    `Up after ${((performance.now() - started) / 1000).toFixed(1)} s. Logs: ${stack.logs}. Ctrl-C stops it.`,
  );
  console.log(stack.console);
  const replay = options.replay ? await startReplay(stack, options.speed) : undefined;
  stop = stopOnSignal(stack, replay, options.readyFile);
}

/** Calls once when a process has ended, by whatever means. */
function whenEnded(pid: number, call: () => void): void {
  const timer = setInterval(() => {
    if (isAlive(pid)) return;
    clearInterval(timer);
    call();
  }, OWNER_MS);
  timer.unref();
}

/** @throws Error with the usage for arguments that are not understood */
function parse(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      'no-replay': { type: 'boolean', default: false },
      speed: { type: 'string', default: '60' },
      port: { type: 'string', default: '4680' },
      data: { type: 'string' },
      'ready-file': { type: 'string' },
      shards: { type: 'string', default: '2' },
      'stack-env': { type: 'string', default: 'dev' },
      search: { type: 'string' },
      engine: { type: 'string' },
      logs: { type: 'string' },
      owner: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const { data: dataDir, search, engine, logs, owner } = values;
  if (search !== undefined && search !== 'none') throw new Error(`--search takes only none.\n${usage}`);
  const tables = TABLE_ENGINES.find((name) => name === engine);
  if (engine !== undefined && !tables) throw new Error(`--engine takes ${TABLE_ENGINES.join(' or ')}.\n${usage}`);
  return {
    replay: !values['no-replay'],
    speed: number('speed', values.speed, 0.1, 10_000),
    port: number('port', values.port, 0, 65_535),
    readyFile: values['ready-file'],
    shards: number('shards', values.shards, 1, 16),
    owner: owner === undefined ? undefined : number('owner', owner, 1, Number.MAX_SAFE_INTEGER),
    environment: values['stack-env'],
    verbose: values.verbose,
    ...(dataDir !== undefined && { dataDir }),
    ...(search !== undefined && { search }),
    ...(tables !== undefined && { tables }),
    ...(logs !== undefined && { logs }),
  };
}

function number(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (text === '' || !(value >= from && value <= to))
    throw new Error(`--${name} is a number from ${from} to ${to}.\n${usage}`);
  return value;
}

/** Sends the recorded morning to the API as a feeder would, in a process of its own. */
async function startReplay(stack: Stack, speed: number): Promise<ChildProcess | undefined> {
  const script = join(root, 'replay', 'main.ts');
  if (!existsSync(script)) {
    console.error('There is nothing to replay: replay/main.ts is missing.');
    return undefined;
  }
  const token = await stack.mint('replay', ['feeder'], 86_400);
  const args = ['--import', 'tsx', script, '--api', stack.api, '--speed', String(speed)];
  // The token goes by the environment: arguments are visible to every user of the machine.
  return spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, WAYSTREAM_TOKEN: token },
  });
}

/** @returns what stops the stack and ends this process, as a signal does */
function stopOnSignal(stack: Stack, replay: ChildProcess | undefined, readyFile: string | undefined): () => void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    console.error('… Stopping');
    replay?.kill('SIGTERM');
    removeState(process.pid);
    if (readyFile !== undefined) rmSync(readyFile, { force: true });
    stack.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return stop;
}

function write(file: string, content: Record<string, unknown>): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(content)}\n`);
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

main().catch(fail);
