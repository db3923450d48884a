import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { Breaker } from './breaker';
import { TimedOut, withTimeout } from './timeout';
import type { ValkeyEnvironment } from './valkey-env';
import { connectToken } from './valkey-token';

/** A Lua script, known to the server by its digest. Its keys all carry the same hash tag. */
export interface Script {
  source: string;
  sha: string;
}

type Argument = string | number;

/** A plain command, or a script with its keys and arguments. */
export type Command =
  | readonly [name: string, ...args: Argument[]]
  | { script: Script; keys: readonly string[]; args: readonly Argument[] };

/** What areas see of Valkey. */
export interface Valkey {
  /**
   * Sends commands as one round trip, whatever slots their keys are in; they run in order, others' in between.
   * Each must be safe to run twice: a connection lost in between is opened again once.
   * @returns their replies in order (RESP 2: arrays, strings, integers, null)
   * @throws ValkeyUnavailable where it can't be reached in time or answers an error
   */
  run(commands: readonly Command[]): Promise<unknown[]>;
}

/** Valkey is away, too slow, or refused a command. Whoever can do without it goes on. */
export class ValkeyUnavailable extends Error {
  override readonly name = 'ValkeyUnavailable';
}

export function defineScript(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

const CONNECT_TIMEOUT_MS = 1_000;
const COMMAND_TIMEOUT_MS = 250;

interface ValkeyOptions {
  /** How long one round trip may take (ms). */
  commandTimeoutMs?: number;
  /** How long a request waits while it is tried whether Valkey is back (ms); as for a round trip unless given. */
  graceMs?: number;
}

type Sent = [name: string, ...args: Argument[]];

const toSent = (command: Command): Sent =>
  'script' in command
    ? ['EVALSHA', command.script.sha, command.keys.length, ...command.keys, ...command.args]
    : [...command];

const isNoScript = (reply: unknown) => reply instanceof Error && reply.message.startsWith('NOSCRIPT');

/**
 * One plain connection. ElastiCache Serverless speaks the cluster protocol but shows one endpoint that holds every
 * slot, as a single node does; so nothing is ever redirected, and a cluster client would only add a call that asks for
 * the slots, and refuse round trips across them.
 */
class Connection implements Valkey {
  private client: Redis | undefined;
  private connecting: Promise<Redis> | undefined;
  private probing: Promise<boolean> | undefined;
  /** One failure opens it: each costs a request its time. A probe follows at once, so that a hiccup costs no more. */
  private readonly breaker = new Breaker({ threshold: 1, openMs: 2_000 });
  private readonly patienceMs: number;
  private readonly graceMs: number;
  /** A connection takes some round trips, and a signature. */
  private readonly connectPatienceMs: number;

  constructor(
    private readonly env: ValkeyEnvironment,
    options: ValkeyOptions,
  ) {
    this.patienceMs = options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS;
    this.graceMs = options.graceMs ?? this.patienceMs;
    this.connectPatienceMs = Math.min(CONNECT_TIMEOUT_MS, 2 * this.patienceMs);
  }

  async run(commands: readonly Command[]): Promise<unknown[]> {
    if (commands.length === 0) return [];
    if (this.breaker.open && !(await this.back())) throw new ValkeyUnavailable('away a moment ago');
    const replies = await this.attempt(commands);
    const failed = replies.find((reply) => reply instanceof Error);
    if (failed) throw new ValkeyUnavailable('a command failed', { cause: failed });
    return replies;
  }

  private async attempt(commands: readonly Command[]): Promise<unknown[]> {
    try {
      const replies = await this.withFreshConnection((client) => this.evaluate(client, commands));
      this.breaker.succeeded();
      return replies;
    } catch (error) {
      this.breaker.failed();
      void this.probe();
      throw new ValkeyUnavailable('not reached', { cause: error });
    }
  }

  /** Whether Valkey is back. Where that takes its time to tell, nobody waits: who asks next will know. */
  private async back(): Promise<boolean> {
    if (this.probing === undefined && this.breaker.allows()) void this.probe();
    if (this.probing === undefined) return !this.breaker.open;
    return withTimeout(this.probing, this.graceMs, 'looking for Valkey').catch(() => false);
  }

  /** Tries whether a connection can be had that answers; one at a time. Never throws. */
  private probe(): Promise<boolean> {
    this.probing ??= this.withFreshConnection((client) => send(client, [['PING']], this.patienceMs))
      .then(
        () => this.breaker.succeeded(),
        () => this.breaker.failed(),
      )
      .then(() => {
        this.probing = undefined;
        return !this.breaker.open;
      });
    return this.probing;
  }

  /** A connection kept from an earlier request may have been closed while the function slept: then a new one is tried. */
  private async withFreshConnection<T>(use: (client: Redis) => Promise<T>): Promise<T> {
    const kept = this.client?.status === 'ready' ? this.client : undefined;
    if (kept) {
      try {
        return await use(kept);
      } catch (error) {
        this.drop(kept);
        if (error instanceof TimedOut) throw error;
      }
    }
    const fresh = await withTimeout(this.connect(), this.connectPatienceMs, 'connecting to Valkey');
    try {
      return await use(fresh);
    } catch (error) {
      this.drop(fresh);
      throw error;
    }
  }

  /** Scripts that the server doesn't know yet are sent whole, in a second round trip. */
  private async evaluate(client: Redis, commands: readonly Command[]): Promise<unknown[]> {
    const replies = await send(client, commands.map(toSent), this.patienceMs);
    const unknown = commands.flatMap((command, index) =>
      'script' in command && isNoScript(replies[index]) ? [{ ...command, index }] : [],
    );
    if (unknown.length === 0) return replies;
    const scripts = new Map(unknown.map(({ script }) => [script.sha, script]));
    const loads = [...scripts.values()].map(({ source }): Sent => ['SCRIPT', 'LOAD', source]);
    const again = await send(client, [...loads, ...unknown.map(toSent)], this.patienceMs);
    for (const [place, { index }] of unknown.entries()) replies[index] = again[loads.length + place];
    return replies;
  }

  private connect(): Promise<Redis> {
    this.connecting ??= this.open().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  private async open(): Promise<Redis> {
    const { hostname, port, protocol } = new URL(this.env.VALKEY_URL);
    const secure = protocol === 'rediss:';
    const client = new Redis({
      host: hostname,
      port: Number(port || 6379),
      username: this.env.VALKEY_USER,
      password: secure ? await connectToken(this.env) : '',
      ...(secure && { tls: { servername: hostname } }),
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      protocol: 2,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      disableClientInfo: true,
      // A token is good for one connection: whoever needs another opens it with a token of its own.
      retryStrategy: null,
    });
    // Without a listener a lost connection would end the process; what it means is told by the next command.
    client.on('error', () => undefined);
    try {
      await withTimeout(client.connect(), CONNECT_TIMEOUT_MS, 'connecting to Valkey');
    } catch (error) {
      client.disconnect();
      throw error;
    }
    this.client = client;
    return client;
  }

  /** Only this one: a newer may be in use already. */
  private drop(client: Redis): void {
    client.disconnect();
    if (this.client === client) this.client = undefined;
  }
}

/** @returns replies in order; an error reply stands in its place */
async function send(client: Redis, commands: Sent[], patienceMs: number): Promise<unknown[]> {
  const pipeline = client.pipeline();
  for (const [name, ...args] of commands) pipeline.call(name, ...args);
  const results = await withTimeout(pipeline.exec(), patienceMs, 'Valkey');
  return (results ?? []).map(([error, reply]) => {
    // A lost connection fails each command; what the server refuses is a ReplyError.
    if (error && error.name !== 'ReplyError') throw error;
    return error ?? reply;
  });
}

/** @returns Valkey as the environment names it; connects when it is first used */
export function connectValkey(env: ValkeyEnvironment, options: ValkeyOptions = {}): Valkey {
  return new Connection(env, options);
}
