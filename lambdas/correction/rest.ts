import type { Sample } from './samples';

/** Slower than this a device rests (m/s): a pedestrian in no hurry walks at 1. */
const SLOWEST = 0.5;
/** Shorter stops are left to the smoother (s). */
const SHORTEST = 15;
const FEWEST = 4;
/** So far from their middle points at rest may lie: in standard deviations, and in metres where a receiver wanders. */
const SPREAD = 4;
const WANDER = 6;
/** Points of an end. */
const END = 4;

/** Sums over a stretch of samples, from which its middle and its drift follow. */
class Stretch {
  readonly samples: Sample[] = [];
  private n = 0;
  private t = 0;
  private tt = 0;
  private x = 0;
  private y = 0;
  private tx = 0;
  private ty = 0;

  add(sample: Sample): void {
    const { t, x, y } = sample;
    this.samples.push(sample);
    this.n += 1;
    this.t += t;
    this.tt += t * t;
    this.x += x;
    this.y += y;
    this.tx += t * x;
    this.ty += t * y;
  }

  get seconds(): number {
    return (this.samples.at(-1)?.t ?? 0) - (this.samples[0]?.t ?? 0);
  }

  /** Whether a point lies where points at rest here may lie. */
  holds({ x, y, weight }: Sample, sigma: number): boolean {
    const reach = SPREAD * sigma * weight * Math.sqrt(1 + 1 / this.n) + WANDER;
    return Math.hypot(x - this.x / this.n, y - this.y / this.n) <= reach;
  }

  /** Whether both ends lie where the whole lies: it neither came nor left yet. */
  private settled(sigma: number): boolean {
    return [this.samples.slice(0, END), this.samples.slice(-END)].every((end) => {
      const x = end.reduce((sum, sample) => sum + sample.x, 0) / end.length;
      const y = end.reduce((sum, sample) => sum + sample.y, 0) / end.length;
      return Math.hypot(x - this.x / this.n, y - this.y / this.n) < (2.5 * sigma) / Math.sqrt(END) + 2;
    });
  }

  /** Whether the device is slower than `SLOWEST` here: the slope of a line through the points, and two standard errors. */
  rests(sigma: number): boolean {
    const spread = this.tt - (this.t * this.t) / this.n;
    if (this.n < FEWEST || this.seconds < SHORTEST || spread <= 0) return false;
    const slope = (sum: number, times: number) => (times - (this.t * sum) / this.n) / spread;
    return (
      this.settled(sigma) &&
      Math.hypot(slope(this.x, this.tx), slope(this.y, this.ty)) + (2 * sigma) / Math.sqrt(spread) < SLOWEST
    );
  }
}

/** The longest stretch from the first of `samples` on that lies around one place, and is certain to be slow. */
function longestRest(samples: readonly Sample[], sigma: number): Sample[] {
  const stretch = new Stretch();
  let longest = 0;
  for (const sample of samples) {
    if (stretch.samples.length > 0 && (sample.breaks || !stretch.holds(sample, sigma))) break;
    stretch.add(sample);
    if (stretch.rests(sigma)) longest = stretch.samples.length;
  }
  return stretch.samples.slice(0, longest);
}

/**
 * Finds where the device rested, so that jitter at rest does not look like movement.
 * @param samples the sound ones of a window, in order of time
 * @param sigma standard deviation of a place seen (m)
 * @returns those that the device did not move to from the one before
 */
export function findRest(samples: readonly Sample[], sigma: number): Set<Sample> {
  const resting = new Set<Sample>();
  for (let at = 0; at < samples.length; ) {
    const rest = longestRest(samples.slice(at), sigma);
    for (const sample of rest.slice(1)) resting.add(sample);
    at += Math.max(1, rest.length);
  }
  return resting;
}
