import { z } from 'zod';
import type { StreamRecord } from './source';

/**
 * What goes wrong with a mapping's deliveries, for tests of its function. `duplicate`: each batch is delivered a second
 * time, `after` the first, `beside` it, or `late`: once the batch after it was delivered. `reorder`: records reach the
 * function out of order within a shard, over several batches; Lambda itself keeps their order.
 */
export const streamFaultsSchema = z.strictObject({
  duplicate: z.enum(['never', 'after', 'beside', 'late']).default('never'),
  reorder: z.boolean().default(false),
});
export type StreamFaults = z.infer<typeof streamFaultsSchema>;

/** Delivers batches again. Whether a repeat succeeds is of no account. */
export class Repeats<R, A> {
  /** repeats since the start */
  count = 0;
  private earlier: readonly R[] | undefined;

  constructor(private readonly deliver: (records: readonly R[]) => Promise<A>) {}

  /** @returns how the batch's own delivery went */
  async run(records: readonly R[], when: StreamFaults['duplicate']): Promise<A> {
    const repeat = when === 'late' ? this.earlier : records;
    this.earlier = when === 'late' ? records : undefined;
    if (when === 'never' || repeat === undefined) return this.deliver(records);
    this.count += 1;
    if (when === 'beside') {
      const [answer] = await Promise.all([this.deliver(records), this.deliver(repeat)]);
      return answer;
    }
    const answer = await this.deliver(records);
    await this.deliver(repeat);
    return answer;
  }
}

/** Hands a shard's records on out of order: of what it has, a random half waits for the next read. */
export class Disorder {
  private held: StreamRecord[] = [];

  /** @param random as `Math.random` */
  constructor(private readonly random: () => number) {}

  /** @param on when off, or where nothing new came, all is handed on */
  pass(records: readonly StreamRecord[], on: boolean): readonly StreamRecord[] {
    if (!on && this.held.length === 0) return records;
    const all = this.shuffled([...this.held, ...records]);
    const kept = on && records.length > 0 ? Math.floor(all.length / 2) : 0;
    this.held = all.slice(0, kept);
    return all.slice(kept);
  }

  /** Source: Fisher and Yates, as in Knuth, "The Art of Computer Programming", 3.4.2, algorithm P. */
  private shuffled(records: readonly StreamRecord[]): StreamRecord[] {
    const left = [...records];
    return records.flatMap(() => left.splice(Math.floor(this.random() * left.length), 1));
  }
}
