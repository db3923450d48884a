import type { StreamRecord } from './source';

export interface BatchLimits {
  size: number;
  windowMs: number;
  bytes: number;
}

/**
 * A queue of records that are handed out in batches: full by count, full by bytes, or as much as there is when the
 * window since the first record has passed.
 */
export class Lane {
  private queue: StreamRecord[] = [];
  private bytes = 0;
  /** when the first record of the queue came, by `performance.now()` */
  private since = 0;
  private wake: (() => void) | undefined;

  constructor(
    private readonly limits: BatchLimits,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.wake?.());
  }

  push(record: StreamRecord): void {
    if (this.queue.length === 0) this.since = performance.now();
    this.queue.push(record);
    this.bytes += record.bytes + 1;
    const first = this.queue.length === 1;
    if (first || this.full) this.wake?.();
  }

  /** @returns the next batch; none when the signal is aborted */
  async take(): Promise<StreamRecord[]> {
    while (!this.signal.aborted) {
      const left = this.since + this.limits.windowMs - performance.now();
      if (this.queue.length > 0 && (this.full || left <= 0)) return this.cut();
      await this.changed(this.queue.length > 0 ? left : undefined);
    }
    return [];
  }

  private get full(): boolean {
    return this.queue.length >= this.limits.size || this.bytes >= this.limits.bytes;
  }

  private cut(): StreamRecord[] {
    let count = 0;
    let bytes = 0;
    for (const record of this.queue) {
      if (count >= this.limits.size || (count > 0 && bytes + record.bytes + 1 > this.limits.bytes)) break;
      count += 1;
      bytes += record.bytes + 1;
    }
    const batch = this.queue.slice(0, count);
    this.queue = this.queue.slice(count);
    this.bytes -= bytes;
    this.since = performance.now();
    return batch;
  }

  private changed(withinMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = withinMs === undefined ? undefined : setTimeout(() => this.wake?.(), withinMs);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }
}
