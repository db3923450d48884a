import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Watchdog } from './watchdog';

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 10_000;
const PROBE_MS = 50;
const LOG_LINES = 15;

/** A running engine. */
export interface Engine {
  readonly name: string;
  /** Base URL on the loopback address; the same for as long as the engine is used, restarts included. */
  readonly url: string;
  /** The process; undefined while it is down. */
  readonly pid: number | undefined;
  /** Ends it in order, by force after ten seconds. Nothing happens where it is down. */
  stop(): Promise<void>;
  /** Sends a signal, SIGKILL unless told. Resolves when the process has ended, at once for a signal that does not end it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it if it runs and starts it again on the same port with the same data; resolves when it answers. */
  restart(): Promise<void>;
}

/** What it takes to run an engine. */
export interface EngineSpec {
  readonly name: string;
  readonly url: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Whether it answers; called until it does. A rejection counts as no. */
  ready(): Promise<boolean>;
}

/** What an engine needs of its surroundings. */
export interface EngineHost {
  readonly logFile: string;
  readonly watchdog: Watchdog;
  /** Told, in one line, when the engine ends though nobody asked it to. */
  log(line: string): void;
}

/**
 * Starts an engine and waits until it answers.
 * @throws Error with the last lines of the engine's log where it ends early or does not answer in 90 seconds
 */
export async function startEngine(spec: EngineSpec, host: EngineHost): Promise<Engine> {
  const engine = new EngineProcess(spec, host);
  await engine.start('w');
  return engine;
}

class EngineProcess implements Engine {
  #child: ChildProcess | undefined;
  #endExpected = false;

  readonly #spec: EngineSpec;
  readonly #host: EngineHost;

  constructor(spec: EngineSpec, host: EngineHost) {
    this.#spec = spec;
    this.#host = host;
  }

  get name(): string {
    return this.#spec.name;
  }

  get url(): string {
    return this.#spec.url;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(logMode: 'w' | 'a'): Promise<void> {
    this.#spawn(logMode);
    const until = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#spec.ready().catch(() => false))) {
      if (this.#child === undefined) throw this.#failure('ended while it started');
      if (Date.now() > until) {
        await this.kill();
        throw this.#failure(`did not answer within ${START_TIMEOUT_MS / 1000} s`);
      }
      await sleep(PROBE_MS);
    }
  }

  async stop(): Promise<void> {
    const forced = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.kill('SIGTERM');
    clearTimeout(forced);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ends = signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT';
    this.#endExpected ||= ends;
    const ended = ends ? once(child, 'exit') : undefined;
    child.kill(signal);
    await ended;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start('a');
  }

  #spawn(logMode: 'w' | 'a'): void {
    const log = openSync(this.#host.logFile, logMode);
    // A process group of its own: a Ctrl-C ends the stack first, and the stack its engines.
    const child = spawn(this.#spec.command, this.#spec.args, {
      cwd: this.#spec.cwd,
      detached: true,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    this.#endExpected = false;
    child.once('error', () => this.#ended(child, 'could not be started'));
    child.once('exit', (code, signal) => this.#ended(child, `ended unexpectedly (${signal ?? `exit ${code}`})`));
    if (child.pid !== undefined) this.#host.watchdog.watch(child.pid);
  }

  #ended(child: ChildProcess, how: string): void {
    if (child.pid !== undefined) this.#host.watchdog.forget(child.pid);
    if (this.#child === child) this.#child = undefined;
    if (!this.#endExpected) this.#host.log(`${this.name} ${how}; see ${this.#host.logFile}`);
  }

  #failure(what: string): Error {
    const lines = readFileSync(this.#host.logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
    return new Error(`${this.name} ${what}. The end of ${this.#host.logFile}:\n${lines.join('\n')}`);
  }
}
