import { spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { z } from 'zod';
import type { Role } from '../../lambdas/contract/identity';
import { environments } from '../../lib/environments';
import { exclusively } from '../../local/exclusive';
import { region, rootCredentials } from '../../local/model';

/** Folder of this test run; `setup.ts` makes it, `teardown.ts` stops what was started in it. */
const folder = (): string => z.string().parse(process.env.WAYSTREAM_TEST_DIR);
const root = join(__dirname, '..', '..');

const placeSchema = z.object({ api: z.url(), ws: z.url(), console: z.url(), aws: z.url(), pid: z.int() });
export type Place = z.infer<typeof placeSchema>;

const START_MS = 120_000;
const ONE_WAIT_MS = 60_000;

/** Starts the whole local stack, or finds the one that an earlier test of this run has started. */
export async function startedStack(name = 'stack', args: string[] = []): Promise<Place> {
  const readyFile = join(folder(), `${name}.json`);
  return exclusively(join(folder(), `${name}.lock`), async () => {
    if (!existsSync(readyFile)) await startStack(name, readyFile, args);
    return placeSchema.parse(JSON.parse(readFileSync(readyFile, 'utf8')));
  });
}

async function startStack(name: string, readyFile: string, args: string[]): Promise<void> {
  const log = openSync(join(folder(), `${name}.log`), 'a');
  const main = join(root, 'local/main.ts');
  const owner = process.env.WAYSTREAM_STACK_OWNER ?? String(process.pid);
  const options = ['--no-replay', '--port', '0', '--ready-file', readyFile, '--logs', newLogFolder(name)];
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...options, '--owner', owner, ...args], {
    cwd: root,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  // For `teardown.ts`, where the run ends before the stack is ready.
  if (child.pid !== undefined) writeFileSync(join(folder(), `${name}.pid`), String(child.pid));
  child.unref();
  const until = Date.now() + START_MS;
  while (!existsSync(readyFile)) {
    if (child.exitCode !== null || Date.now() > until) {
      throw new Error(
        `The local stack did not start:\n${readFileSync(join(folder(), `${name}.log`), 'utf8').slice(-4_000)}`,
      );
    }
    await sleep(200);
  }
}

/** Logs are looked through at the end of the run, those of a stack that was stopped before it too. */
function newLogFolder(name: string): string {
  const logs = join(folder(), 'logs');
  mkdirSync(logs, { recursive: true });
  return mkdtempSync(join(logs, `${name}-`));
}

const handedOut = z.union([
  z.object({ token: z.string() }).transform(({ token }) => token),
  z.object({ ticket: z.string() }).transform(({ ticket }) => ticket),
  // What opens anything is behind the device's id, and stands by itself in a password.
  z.object({ key: z.string().includes('~') }).transform(({ key }) => key.slice(key.indexOf('~') + 1)),
]);

/** Notes a token, ticket or key that a stack has handed out: no log may have it. */
function noteSecret(body: unknown): void {
  const { data } = handedOut.safeParse(body);
  if (data !== undefined) appendFileSync(join(folder(), 'secrets.txt'), `${data}\n`);
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape; the contract test holds them to their schemas.
  body: any;
  text: string;
}

interface RequestOptions {
  method?: string;
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A client of one running stack: its public API, and the local stack's own controls. */
export class StackClient {
  private readonly tokens = new Map<string, Promise<string>>();

  constructor(readonly place: Place) {}

  /** A token for a subject and its roles, made once. */
  token(sub: string, ...roles: Role[]): Promise<string> {
    const key = `${sub} ${roles.join()}`;
    const known = this.tokens.get(key) ?? this.mint(sub, roles);
    this.tokens.set(key, known);
    return known;
  }

  /** Asks the public API. A string body goes as it is, anything else as JSON. */
  async request(path: string, { method, token, body, headers }: RequestOptions = {}): Promise<Answer> {
    const response = await fetch(new URL(path, this.place.api), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, body: parsed(text), text };
    noteSecret(answer.body);
    return answer;
  }

  /** As a feeder, which no limit holds up. @returns the receipt */
  async report(
    devices: object[],
    feeder = 'feeder-1',
  ): Promise<{ accepted: number; refused: { pointer: string; code: string }[] }> {
    const answer = await this.request('/v1/positions', {
      token: await this.token(feeder, 'feeder'),
      body: { devices },
    });
    if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.text}`);
    return answer.body;
  }

  /** For a client of the SDK that may do everything. */
  get asRoot() {
    return { endpoint: this.place.aws, region, credentials: rootCredentials };
  }

  /** The local stack's own controls. */
  // biome-ignore lint/suspicious/noExplicitAny: see Answer.
  async control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<any> {
    const response = await fetch(new URL(`/_local/${path}`, this.place.aws), {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    return parsed(text);
  }

  /** Waits until everything accepted has been through every consumer. */
  async settled(timeoutMs = 120_000): Promise<void> {
    const until = Date.now() + timeoutMs;
    // An answer may not be waited for longer than fetch waits for its first byte.
    for (let left = timeoutMs; left > 0; left = until - Date.now()) {
      const { idle } = await this.control('POST', 'idle', { timeoutMs: Math.min(left, ONE_WAIT_MS) });
      if (idle) return;
    }
    throw new Error(`The streams were not read to their ends within ${timeoutMs / 1_000} s.`);
  }

  /** Opens a WebSocket by the token in its subprotocol. */
  async socket(token: string): Promise<SocketClient> {
    const socket = new WebSocket(this.place.ws, ['waystream', `bearer.${token}`]);
    return SocketClient.opened(socket);
  }

  private async mint(sub: string, roles: Role[]): Promise<string> {
    const { body } = await this.request('/_local/token', { body: { sub, roles, ttlSeconds: 3_600 } });
    return z.string().parse(body.token);
  }
}

/** A WebSocket whose frames can be waited for. */
export class SocketClient {
  // biome-ignore lint/suspicious/noExplicitAny: see Answer.
  readonly frames: any[] = [];

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.frames.push(parsed(String(data))));
  }

  static opened(socket: WebSocket): Promise<SocketClient> {
    const client = new SocketClient(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
    });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first frame, from `start` on, that fits. */
  // biome-ignore lint/suspicious/noExplicitAny: see Answer.
  async frame(fits: (frame: any) => boolean, start = 0, timeoutMs = 15_000): Promise<any> {
    return eventually(
      () => this.frames.slice(start).find(fits),
      timeoutMs,
      () => `frames: ${JSON.stringify(this.frames).slice(0, 2_000)}`,
    );
  }

  /** Sends, and answers the first frame after it that fits. */
  // biome-ignore lint/suspicious/noExplicitAny: see Answer.
  async ask(message: unknown, fits: (frame: any) => boolean): Promise<any> {
    const start = this.frames.length;
    this.send(message);
    return this.frame(fits, start);
  }

  close(): void {
    this.socket.terminate();
  }
}

/**
 * Waits until no change of pseudonyms is near, so that viewers see every vehicle by one name for a while: for `forMs`
 * from now. Rarely takes any time, and at most that and the silence around a change.
 */
export async function untilNamesHold(forMs = 30_000): Promise<void> {
  const { pseudonymMinutes, pseudonymSilenceSeconds } = environments.dev.live;
  const [periodMs, quietMs] = [pseudonymMinutes * 60_000, pseudonymSilenceSeconds * 500];
  const left = periodMs - (Date.now() % periodMs);
  if (left < forMs + quietMs) await sleep(left + quietMs);
  else if (periodMs - left < quietMs) await sleep(quietMs - (periodMs - left));
}

/** Asks again and again until there is something. @throws Error with `otherwise` when there is nothing in time */
export async function eventually<T>(
  find: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 15_000,
  otherwise: () => string = () => 'it did not happen',
): Promise<T> {
  for (const until = Date.now() + timeoutMs; ; await sleep(50)) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error(`Waited ${timeoutMs / 1_000} s: ${otherwise()}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
