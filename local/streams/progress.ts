/**
 * How far a shard is settled. Lanes finish out of order; the checkpoint is the last record before which nothing is
 * open, so that a restart repeats records rather than skipping them.
 */
export class Progress {
  private open: { sequence: string; at: number; done: boolean }[] = [];
  private readonly entries = new Map<string, { done: boolean }>();

  constructor(private checkpoint: string | undefined) {}

  /** Sequence number of the checkpoint. */
  get settled(): string | undefined {
    return this.checkpoint;
  }

  /** Records that are read and not settled. */
  get outstanding(): number {
    return this.entries.size;
  }

  /** Epoch milliseconds at which the oldest open record was put; absent when none is open. */
  get oldest(): number | undefined {
    return this.open[0]?.at;
  }

  read(sequence: string, at: number): void {
    const entry = { sequence, at, done: false };
    this.open.push(entry);
    this.entries.set(sequence, entry);
  }

  done(sequence: string): void {
    const entry = this.entries.get(sequence);
    if (!entry) return;
    entry.done = true;
    this.entries.delete(sequence);
    let count = 0;
    for (const { done, sequence: passed } of this.open) {
      if (!done) break;
      count += 1;
      this.checkpoint = passed;
    }
    if (count > 0) this.open = this.open.slice(count);
  }
}
