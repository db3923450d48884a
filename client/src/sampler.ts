import { metresBetween, type Point, placeAt } from './point';

/** How a device moves. */
export type Motion = 'still' | 'slow' | 'fast';

/** When to keep a position. */
export interface Sampling {
  /** Greatest time between two points kept (ms), by how the device moves. */
  intervalMs: Record<Motion, number>;
  /** Below these speeds (m/s) a device is still, or slow. */
  belowMps: { still: number; slow: number };
  /** Metres by which the track may cut a turn; a receiver that says to be less exact is given its accuracy. */
  toleranceMetres: number;
  /** Each interval is drawn anew, by so much less or more of itself: a strict clock gives a device away. */
  jitter: number;
  /** Below this charge (0–1) intervals and tolerance are stretched. */
  lowBattery: number;
  /** By how much. */
  stretch: number;
}

export const defaultSampling: Sampling = {
  intervalMs: { still: 120_000, slow: 30_000, fast: 15_000 },
  belowMps: { still: 0.7, slow: 4 },
  toleranceMetres: 10,
  jitter: 0.3,
  lowBattery: 0.2,
  stretch: 2.5,
};

/** Fixes remembered between two points kept: at one a second more than any interval. */
const WINDOW = 600;
/** A receiver at rest wanders by some metres. */
const WANDER_METRES = 15;
/** Coarser than this an accuracy is no excuse for cutting turns (m). */
const COARSEST = 50;

/**
 * Chooses the fixes that a track needs: one each interval, shorter the faster the device is, and the corners. A corner
 * is the fix that lies furthest from where an even drive between the last point kept and the newest fix would have been
 * then, once that is more than the tolerance: so no fix left out lies further from the track than that. Source:
 * Meratnia and de By, "Spatiotemporal Compression Techniques for Moving Point Objects", EDBT 2004 (opening window,
 * time ratio). Pure but for its memory: time comes with the fixes, chance as an argument.
 */
export class Sampler<Fix extends Point = Point> {
  private kept: Fix | undefined;
  private skipped: Fix[] = [];
  private intervalMs = 0;
  /** What intervals are multiplied by until the next point: about 1. */
  private drawn = 1;
  motion: Motion = 'still';

  constructor(private readonly settings: Sampling = defaultSampling) {}

  /**
   * @param battery charge from 0 to 1, where it is known
   * @returns the fixes to keep because of this one, in order of time: none, itself, or one before it
   */
  take(fix: Fix, random: number, battery?: number): Fix[] {
    const newest = this.skipped.at(-1) ?? this.kept;
    if (newest && fix.time <= newest.time) return [];
    const stretch = battery !== undefined && battery < this.settings.lowBattery ? this.settings.stretch : 1;
    this.motion = this.motionAt(fix);
    if (!this.kept) return [this.keep(fix, random, stretch)];
    const corner = this.corner(this.kept, fix, stretch);
    if (corner !== undefined) return this.turn(corner, fix, random, stretch);
    this.hurry(stretch);
    if (fix.time - this.kept.time >= this.intervalMs) return [this.keep(fix, random, stretch)];
    this.skipped = [...this.skipped, fix].slice(-WINDOW);
    return [];
  }

  /** The newest fix, where it has not been kept: the end of a ride. */
  rest(): Fix[] {
    const last = this.skipped.at(-1);
    if (last) this.kept = last;
    this.skipped = [];
    return last ? [last] : [];
  }

  /** Time until the next fix is wanted (ms): what a source may be asked for. */
  wish(battery?: number): number {
    const stretch = battery !== undefined && battery < this.settings.lowBattery ? this.settings.stretch : 1;
    return (this.motion === 'fast' ? 1_000 : this.motion === 'slow' ? 3_000 : 10_000) * stretch;
  }

  private keep(fix: Fix, random: number, stretch: number): Fix {
    this.kept = fix;
    this.skipped = [];
    this.drawn = 1 + this.settings.jitter * (2 * random - 1);
    this.intervalMs = this.settings.intervalMs[this.motion] * this.drawn * stretch;
    return fix;
  }

  /** Who drives off does not wait for the end of the interval of standing. */
  private hurry(stretch: number): void {
    const now = this.settings.intervalMs[this.motion] * this.drawn * stretch;
    this.intervalMs = Math.min(this.intervalMs, now);
  }

  /** Keeps the corner, and looks again at what came after it. */
  private turn(index: number, fix: Fix, random: number, stretch: number): Fix[] {
    const corner = this.skipped[index];
    if (!corner) return [];
    const after = this.skipped.slice(index + 1);
    this.keep(corner, random, stretch);
    this.skipped = after;
    const next = this.corner(corner, fix, stretch);
    if (next !== undefined) return [corner, ...this.turn(next, fix, random, stretch)];
    this.skipped = [...after, fix].slice(-WINDOW);
    return [corner];
  }

  /** Index of the fix furthest off the line from the last point kept to `fix`, where that is too far. */
  private corner(from: Fix, fix: Fix, stretch: number): number | undefined {
    let worst = 0;
    let index: number | undefined;
    this.skipped.forEach((each, at) => {
      const tolerance = Math.max(this.settings.toleranceMetres, Math.min(COARSEST, each.accuracy ?? 0)) * stretch;
      const over = metresBetween(each, placeAt(from, fix, each.time)) / tolerance;
      if (over > 1 && over > worst) [worst, index] = [over, at];
    });
    return index;
  }

  private motionAt(fix: Fix): Motion {
    const speed = this.speedAt(fix);
    if (speed < this.settings.belowMps.still) return 'still';
    return speed < this.settings.belowMps.slow ? 'slow' : 'fast';
  }

  /** As the receiver says, else by the way made since the last fix; standing where the way is no more than wandering. */
  private speedAt(fix: Fix): number {
    if (fix.speed !== undefined) return fix.speed;
    const from = this.skipped.at(-5) ?? this.kept;
    if (!from) return 0;
    const way = metresBetween(from, fix);
    const wander = Math.max(WANDER_METRES, fix.accuracy ?? 0);
    const seconds = (fix.time - from.time) / 1_000;
    return way < wander && seconds > 10 ? 0 : way / seconds;
  }
}
