import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StackOptions } from './options';
import { type Stack, startStack } from './start';

const root = join(__dirname, '..');
/** Where `npm run token` and `npm run local` find the stack that runs. */
const stateFile = join(root, '.waystream', 'ready.json');

const usage = readFileSync(join(__dirname, 'usage.txt'), 'utf8').trimEnd();

interface Arguments extends StackOptions {
  port: number;
  replay: boolean;
  speed: number;
  readyFile: string | undefined;
}

async function main(): Promise<void> {
  const options = parse(process.argv.slice(2));
  const started = performance.now();
  const stack = await startStack({ ...options, progress: (message) => console.error(`… ${message}`) });
  const place = { api: stack.api, ws: stack.ws, console: stack.console, pid: stack.pid };
  write(stateFile, { ...place, aws: stack.aws, logs: stack.logs });
  if (options.readyFile !== undefined) write(options.readyFile, { ...place, aws: stack.aws });
  console.error(
    `Up after ${((performance.now() - started) / 1000).toFixed(1)} s. Logs: ${stack.logs}. Ctrl-C stops it.`,
  );
  console.log(stack.console);
  const replay = options.replay ? await startReplay(stack, options.speed) : undefined;
  stopOnSignal(stack, replay, options.readyFile);
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
      logs: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const { data: dataDir, search, logs } = values;
  if (search !== undefined && search !== 'none') throw new Error(`--search takes only none.\n${usage}`);
  return {
    replay: !values['no-replay'],
    speed: number('speed', values.speed, 0.1, 10_000),
    port: number('port', values.port, 0, 65_535),
    readyFile: values['ready-file'],
    shards: number('shards', values.shards, 1, 16),
    environment: values['stack-env'],
    verbose: values.verbose,
    ...(dataDir !== undefined && { dataDir }),
    ...(search !== undefined && { search }),
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

function stopOnSignal(stack: Stack, replay: ChildProcess | undefined, readyFile: string | undefined): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    console.error('… Stopping');
    replay?.kill('SIGTERM');
    for (const file of [stateFile, readyFile]) if (file !== undefined) rmSync(file, { force: true });
    stack.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
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
