import type { Clock } from './environment';

/** What one answer told of the server's clock. */
interface Sample {
  /** Server's clock ahead of the device's (ms). */
  offset: number;
  roundTrip: number;
}

const KEPT = 8;
/** Clocks this close are taken to agree (ms). */
const AGREE_MS = 1_000;
/** What is known of the offset is kept until it is off by more (ms): points keep their distances in time. */
const HOLD_MS = 250;
/** A wall clock that runs away from the monotonic one by more has been set anew (ms). */
const JUMP_MS = 2_000;

/**
 * How far the device's clock is off, learned from answers. Of the last eight the one with the shortest round trip
 * counts: its error is half of that at most. Source: RFC 5905, section 10, the clock filter algorithm.
 */
export class ServerClock {
  private samples: Sample[] = [];
  private held: number | undefined;
  private base: number;

  constructor(private readonly clock: Clock) {
    this.base = clock.now() - clock.monotonic();
  }

  /** Takes in an answer that carries the server's time (epoch ms); times by the device's clock. */
  observe(sentAt: number, receivedAt: number, serverTime: number): void {
    this.forgetAfterJump();
    const roundTrip = receivedAt - sentAt;
    if (roundTrip < 0) return;
    const offset = serverTime - (sentAt + receivedAt) / 2;
    this.samples = [...this.samples, { offset, roundTrip }].slice(-KEPT);
  }

  /** What to add to the device's clock (ms); 0 where they agree, undefined where nothing is known. */
  get offset(): number | undefined {
    this.forgetAfterJump();
    const [first, ...rest] = this.samples;
    if (!first) return undefined;
    const best = rest.reduce((least, sample) => (sample.roundTrip < least.roundTrip ? sample : least), first);
    const agree = Math.abs(best.offset) <= AGREE_MS + best.roundTrip / 2;
    const offset = agree ? 0 : Math.round(best.offset);
    if (this.held === undefined || Math.abs(offset - this.held) > HOLD_MS) this.held = offset;
    return this.held;
  }

  /** The server's time as far as it is known (epoch ms). */
  now(): number {
    return this.clock.now() + (this.offset ?? 0);
  }

  private forgetAfterJump(): void {
    const base = this.clock.now() - this.clock.monotonic();
    if (Math.abs(base - this.base) <= JUMP_MS) return;
    this.base = base;
    this.samples = [];
    this.held = undefined;
  }
}

/** A position older than this when it is told was not stamped just now, or not by this clock (ms). */
const FRESH_MS = 60_000;

/**
 * When a fix was taken by the server's clock. Receivers stamp by satellite time, which is right, or by the device's
 * clock, which may not be: it is the device's where the time of the fix is nearer to that than to the server's.
 * @param time of the fix, as its source told it (epoch ms)
 * @param toldAt when it was told, by the device's clock
 * @param offset what to add to the device's clock
 */
export function corrected(time: number, toldAt: number, offset: number): number {
  const fromDevice = Math.abs(time - toldAt);
  const fromServer = Math.abs(time - (toldAt + offset));
  return fromDevice <= FRESH_MS && fromDevice < fromServer ? time + offset : time;
}

/** What is learned of a clock by and by differs by no more than half of a slow round trip (ms). */
const ORDER_MS = 20_000;

/** A point's time as its source told it, and by the server's clock. */
interface Timed {
  point: { time: number };
  time?: number;
}

/**
 * The time of a point that comes after another: two points keep their order, though more was learned of the server's
 * clock in between.
 */
export function inOrder(before: Timed | undefined, told: number, time: number): number {
  if (before?.time === undefined || told <= before.point.time) return time;
  return time <= before.time && before.time - time < ORDER_MS ? before.time + 1 : time;
}
