import { z } from 'zod';
import { type Command, defineScript, type Valkey, ValkeyUnavailable } from './valkey';

/** A token bucket: so many a second, so many at once. */
export interface Allowance {
  /** What is limited. */
  key: string;
  ratePerSecond: number;
  burst: number;
}

/**
 * A token bucket as one number, the time at which the bucket is full again (GCRA: ITU-T I.371, generic cell rate).
 * KEYS bucket. ARGV now, ms a token, burst. Answers how long to wait (ms), 0 where one was taken.
 */
const takeScript = defineScript(`
local now, interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + interval
local wait = full - now - interval * burst
if wait > 0.5 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(full - now))
return 0
`);

/** The same, in this process: the last resort while Valkey is away. */
export class LocalBuckets {
  private readonly full = new Map<string, number>();

  constructor(private readonly maxBuckets = 10_000) {}

  /** @returns how long to wait (ms), 0 where one was taken */
  take({ key, ratePerSecond, burst }: Allowance, now: number): number {
    const interval = 1_000 / ratePerSecond;
    const full = Math.max(this.full.get(key) ?? 0, now) + interval;
    const wait = full - now - interval * burst;
    if (wait > 0.5) return Math.ceil(wait);
    // Set anew, so that the map stays in order of use and the first is the longest unused.
    this.full.delete(key);
    this.full.set(key, full);
    const [oldest] = this.full.keys();
    if (this.full.size > this.maxBuckets && oldest !== undefined) this.full.delete(oldest);
    return 0;
  }
}

/** Limits rates over all instances through Valkey, and within this one while Valkey is away. */
export class Limiter {
  private readonly local = new LocalBuckets();

  constructor(private readonly valkey: Valkey) {}

  /**
   * Takes one token of each bucket in one round trip; where one is empty, the others' may be spent all the same.
   * @returns how long to wait (ms), 0 where the request may go on
   */
  async take(allowances: readonly Allowance[], now: number): Promise<number> {
    return Math.max(0, ...(await this.waits(allowances, now)));
  }

  private async waits(allowances: readonly Allowance[], now: number): Promise<number[]> {
    try {
      const commands = allowances.map(
        ({ key, ratePerSecond, burst }): Command => ({
          script: takeScript,
          keys: [`limit:{${key}}`],
          args: [now, 1_000 / ratePerSecond, burst],
        }),
      );
      return z.array(z.number()).parse(await this.valkey.run(commands));
    } catch (error) {
      if (!(error instanceof ValkeyUnavailable)) throw error;
      return allowances.map((allowance) => this.local.take(allowance, now));
    }
  }
}
