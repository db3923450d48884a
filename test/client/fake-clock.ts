import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../client/src/environment';

interface Timer {
  at: number;
  run(): void;
}

/** A clock that stands until it is moved. */
export class FakeClock implements Clock {
  private timers: Timer[] = [];
  private elapsed = 0;
  /** What its wall clock is wrong by. */
  wrongBy = 0;

  constructor(private readonly start = 1_763_719_200_000) {}

  /** The true time. */
  get truth(): number {
    return this.start + this.elapsed;
  }

  now(): number {
    return this.truth + this.wrongBy;
  }

  monotonic(): number {
    return this.elapsed;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.elapsed + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  /** Lets time pass, and everything that is due with it. */
  advance(ms: number): void {
    const until = this.elapsed + ms;
    for (let next = this.next(until); next; next = this.next(until)) {
      this.timers = this.timers.filter((each) => each !== next);
      this.elapsed = next.at;
      next.run();
    }
    this.elapsed = until;
  }

  /** Lets time pass until something has happened that needs real work too, such as an answer over HTTP. */
  async until(happened: () => boolean, stepMs = 1_000, most = 3_000): Promise<void> {
    for (let turns = 0; !happened(); turns++) {
      if (turns === most) throw new Error(`It did not happen in ${(stepMs * most) / 1_000} s of the clock.`);
      this.advance(stepMs);
      for (let each = 0; each < 20; each++) await turn();
    }
  }

  private next(until: number): Timer | undefined {
    return this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets what is under way come to its end, without time passing. */
export async function settle(): Promise<void> {
  for (let each = 0; each < 50; each++) await turn();
}
