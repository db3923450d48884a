interface BreakerOptions {
  /** Failures in a row that open it. */
  threshold: number;
  /** How long it stays open before one caller may try again (ms). */
  openMs: number;
  now?: () => number;
}

/**
 * A circuit breaker: after a few failures in a row callers are turned away at once, and from time to time one of them
 * tries whether the other side is back. Source: Nygard, "Release It!", circuit breaker.
 */
export class Breaker {
  private failures = 0;
  private retryAt = 0;
  private readonly now: () => number;

  constructor(private readonly options: BreakerOptions) {
    this.now = options.now ?? (() => Date.now());
  }

  /** Whether callers are turned away. */
  get open(): boolean {
    return this.failures >= this.options.threshold;
  }

  /** @returns whether the caller may go ahead; while open, true for one caller each `openMs` */
  allows(): boolean {
    if (!this.open) return true;
    if (this.now() < this.retryAt) return false;
    this.retryAt = this.now() + this.options.openMs;
    return true;
  }

  succeeded(): void {
    this.failures = 0;
  }

  failed(): void {
    this.failures += 1;
    this.retryAt = this.now() + this.options.openMs;
  }
}
