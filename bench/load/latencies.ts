/** How long something took, each in whole milliseconds: the counts are bounded by the longest, whatever their number. */
export class Latencies {
  private readonly counts = new Map<number, number>();
  count = 0;

  static of(pairs: readonly (readonly [ms: number, times: number])[]): Latencies {
    const latencies = new Latencies();
    for (const [ms, times] of pairs) latencies.add(ms, times);
    return latencies;
  }

  add(ms: number, times = 1): void {
    const whole = Math.max(0, Math.round(ms));
    this.counts.set(whole, (this.counts.get(whole) ?? 0) + times);
    this.count += times;
  }

  /** Takes in all that another one has. */
  merge(other: Latencies): void {
    for (const [ms, times] of other.counts) this.add(ms, times);
  }

  /** @param share e.g. 0.99 @returns milliseconds that this share took at most; NaN where there is nothing */
  percentile(share: number): number {
    let left = Math.ceil(share * this.count);
    for (const [ms, times] of this.pairs()) {
      left -= times;
      if (left <= 0) return ms;
    }
    return Number.NaN;
  }

  /** @returns `[ms, times]`, shortest first */
  pairs(): [ms: number, times: number][] {
    return [...this.counts].sort(([a], [b]) => a - b);
  }

  /** Takes out what is there. */
  take(): Latencies {
    const taken = Latencies.of(this.pairs());
    this.counts.clear();
    this.count = 0;
    return taken;
  }
}
