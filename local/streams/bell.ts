/** Says that a stream was written to. Counted, so that a ring while a reader is busy is not lost. */
export class Bell {
  /** rings since the start */
  rings = 0;
  private readonly waiting = new Set<() => void>();

  ring(): void {
    this.rings += 1;
    for (const wake of [...this.waiting]) wake();
  }

  /**
   * Waits for a ring after the first `since` ones, at most `milliseconds` long or until the signal is aborted.
   * @returns true when there was one
   */
  async wait(since: number, milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (this.rings === since && !signal.aborted) await this.next(milliseconds, signal);
    return this.rings !== since;
  }

  private next(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end, { once: true });
      this.waiting.add(end);
    });
  }
}

/** The bells of tables and streams, by service and name. */
export class Bells {
  private readonly bells = new Map<string, Map<string, Bell>>();

  of(service: string, name: string): Bell {
    const named = this.bells.get(service) ?? new Map<string, Bell>();
    this.bells.set(service, named);
    const bell = named.get(name) ?? new Bell();
    named.set(name, bell);
    return bell;
  }

  /** Rings for whatever of the service a request names, in whichever field or statement: a ring too many does no harm. */
  named(service: string, body: Buffer): void {
    for (const [name, bell] of this.bells.get(service) ?? []) if (body.includes(name)) bell.ring();
  }
}
