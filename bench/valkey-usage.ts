import { Redis } from 'ioredis';

/** What clients of one user have asked of Valkey. */
export interface ValkeyUsage {
  /** Commands that clients sent; what a script calls is not among them. */
  commands: number;
  /** Those of them that were scripts, and their time in Valkey (µs). */
  scripts: number;
  scriptMicroseconds: number;
  bytes: number;
  /** Bytes held now. */
  held: number;
}

/**
 * Microseconds of a script that count as one ECPU: AWS publishes no formula, only that an ECPU is a kilobyte or as
 * much CPU as a simple command takes. Source: the estimator for serverless caches in AWS's agent toolkit.
 */
const MICROSECONDS_PER_UNIT = 3;

/** ECPUs: one a command and kilobyte, or by the time of scripts, whichever is more. */
export function cacheUnits({ commands, scripts, scriptMicroseconds, bytes }: ValkeyUsage): number {
  const byTime = Math.max(scripts, scriptMicroseconds / MICROSECONDS_PER_UNIT);
  return Math.max(commands - scripts + byTime, bytes / 1024);
}

const figure = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** Connections come and go with the functions' instances, and their counts with them: so often they are noted (ms). */
const NOTE_EVERY_MS = 500;

/** Looks at the engine as the stack's own user, who is left out of what is counted. */
export class ValkeyWatch {
  private readonly client: Redis;
  private readonly commands = new Map<string, number>();
  private readonly bytes = new Map<string, number>();
  private readonly noting: NodeJS.Timeout;

  /** @param url the engine's */
  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.client = new Redis({ host: hostname, port: Number(port), username: 'keeper', password: 'any' });
    this.client.on('error', () => undefined);
    // What a look finds wrong, the next one that somebody waits for tells.
    this.noting = setInterval(() => void this.note().catch(() => undefined), NOTE_EVERY_MS);
  }

  async look(): Promise<ValkeyUsage> {
    await this.note();
    const stats = (await this.client.info('commandstats')).split('\n').filter((line) => /^cmdstat_eval/.test(line));
    return {
      commands: sum(this.commands.values()),
      bytes: sum(this.bytes.values()),
      scripts: sum(stats.map((line) => figure(line, /calls=(\d+)/))),
      scriptMicroseconds: sum(stats.map((line) => figure(line, /usec=(\d+)/))),
      held: figure(await this.client.info('memory'), /used_memory_dataset:(\d+)/),
    };
  }

  close(): void {
    clearInterval(this.noting);
    this.client.disconnect();
  }

  private async note(): Promise<void> {
    const list = String(await this.client.call('CLIENT', 'LIST'));
    for (const line of list.split('\n')) {
      const id = /^id=(\d+)/.exec(line)?.[1];
      if (id === undefined || line.includes('user=keeper')) continue;
      this.commands.set(id, figure(line, / tot-cmds=(\d+)/));
      this.bytes.set(id, figure(line, / tot-net-in=(\d+)/) + figure(line, / tot-net-out=(\d+)/));
    }
  }
}

/** What was used between two looks. */
export function between(before: ValkeyUsage, after: ValkeyUsage): ValkeyUsage {
  return {
    commands: after.commands - before.commands,
    scripts: after.scripts - before.scripts,
    scriptMicroseconds: after.scriptMicroseconds - before.scriptMicroseconds,
    bytes: after.bytes - before.bytes,
    held: after.held,
  };
}
