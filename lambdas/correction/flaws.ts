import { apart, median, type Sample } from './samples';

/** Faster than this nothing on a road goes (m/s); what flies or runs on rails is known by its other steps. */
const FASTEST = 60;
/** Harder than this no car speeds up from standing, nor does any vehicle brake (m/s²). */
const HARDEST_START = 4;
const HARDEST_BRAKING = 8;
/** Metres that a receiver may be off by in any case. */
const SLACK = 15;
/** A step so many times faster than nine of ten others is none: samples were lost, or a clock was put right. */
const LEAP = 2.5;
/** A device that tells one place so long stands or is frozen (s). */
const FREEZE_SECONDS = 3;
/** A spike lasts no longer than this: points, and seconds from the good one before to the good one after. */
const SPIKE_POINTS = 8;
const SPIKE_SECONDS = 120;

const sound = (samples: readonly Sample[]) => samples.filter(({ flaw }) => flaw === undefined);

/** Speeds (m/s) from each sample to the next. */
function speedsOf(samples: readonly Sample[]): number[] {
  return samples.slice(1).map((sample, index) => {
    const before = samples[index] ?? sample;
    return apart(sample, before) / Math.max(0.1, sample.t - before.t);
  });
}

/** @returns the fastest that a device of this window may be believed to go (m/s) */
const fastestOf = (samples: readonly Sample[]): number => Math.max(FASTEST, 2 * (median(speedsOf(samples)) ?? 0));

const possible = (a: Sample, b: Sample, fastest: number): boolean => apart(a, b) <= fastest * (b.t - a.t) + SLACK;

/**
 * Marks what a frozen receiver told: the same place again and again, then one so far off that no vehicle gets there from
 * standing. The first of them was seen, the others are repetitions of it.
 */
export function markFrozen(samples: readonly Sample[]): void {
  let run: Sample[] = [];
  for (const sample of samples) {
    const [first] = run;
    const last = run.at(-1);
    if (first && last && (sample.x !== first.x || sample.y !== first.y)) {
      const reach = (HARDEST_START * (sample.t - last.t) ** 2) / 2 + SLACK;
      const frozen = last.t - first.t >= FREEZE_SECONDS && apart(last, sample) > reach;
      if (frozen) for (const repeated of run.slice(1)) repeated.flaw = 'frozen';
      run = [];
    }
    run.push(sample);
  }
}

/** The points behind `from` that are a spike: gone to and come back from faster than anything goes. */
function spikeAfter(samples: readonly Sample[], from: number, fastest: number): Sample[] {
  const before = samples[from];
  const spike: Sample[] = [];
  for (const sample of before ? samples.slice(from + 1, from + 2 + SPIKE_POINTS) : []) {
    const last = spike.at(-1);
    if (!before || sample.t - before.t > SPIKE_SECONDS) return [];
    if (last && possible(before, sample, fastest) && !possible(last, sample, fastest)) return spike;
    if (possible(before, sample, fastest)) return [];
    spike.push(sample);
  }
  return [];
}

/**
 * Marks spikes, there and back faster than anything goes; and where points go on from another place for good, breaks:
 * lost samples or a clock put right, which no smoothing may bridge.
 */
export function markJumps(samples: readonly Sample[]): void {
  const kept = sound(samples);
  const fastest = fastestOf(kept);
  for (let at = 0; at + 1 < kept.length; ) {
    const [here, next] = [kept[at], kept[at + 1]];
    if (!here || !next) return;
    const spike = possible(here, next, fastest) ? [] : spikeAfter(kept, at, fastest);
    for (const sample of spike) sample.flaw = 'spike';
    if (spike.length === 0 && !possible(here, next, fastest)) next.breaks = true;
    at += spike.length + 1;
  }
}

/** How far the points between two good ones stray from the way between them at the least (m), and may (m). */
function strays(before: Sample, between: readonly Sample[], after: Sample, sigma: number): boolean {
  return between.every((sample) => {
    const part = (sample.t - before.t) / (after.t - before.t);
    const way = { x: before.x + part * (after.x - before.x), y: before.y + part * (after.y - before.y) };
    const braking = (HARDEST_BRAKING * (sample.t - before.t) * (after.t - sample.t)) / 2;
    const off = apart(sample, way);
    // A jump for good strays by half its length.
    return off > braking + 6 * sigma * sample.weight && off > 0.75 * apart(before, after);
  });
}

/**
 * Marks the points that stray from the way between their neighbours and come back, further than brakes, engine and the
 * window's noise explain. @param sigma standard deviation of a place seen (m)
 * @returns whether there were any
 */
export function markStraying(samples: readonly Sample[], sigma: number): boolean {
  const kept = sound(samples);
  let found = false;
  for (let at = 0; at + 2 < kept.length; at += 1) {
    const before = kept[at];
    for (let length = 1; before && length <= SPIKE_POINTS / 2; length += 1) {
      const between = kept.slice(at + 1, at + 1 + length);
      const after = kept[at + 1 + length];
      if (!after || [...between, after].some(({ breaks }) => breaks)) break;
      if (!strays(before, between, after, sigma)) continue;
      for (const sample of between) sample.flaw = 'spike';
      found = true;
      at += length;
      break;
    }
  }
  return found;
}

/**
 * Marks breaks at steps that are out of all proportion to the others, though something might go as fast. A smoother that
 * takes them for driving doubts every other point.
 * @returns whether there were any
 */
export function markLeaps(samples: readonly Sample[]): boolean {
  const kept = sound(samples);
  const speeds = speedsOf(kept);
  const usual = speeds.toSorted((a, b) => a - b)[Math.floor(0.9 * (speeds.length - 1))] ?? 0;
  let found = false;
  for (const [index, sample] of kept.slice(1).entries()) {
    const before = kept[index] ?? sample;
    if (sample.breaks || apart(before, sample) <= LEAP * usual * (sample.t - before.t) + 2 * SLACK) continue;
    sample.breaks = true;
    found = true;
  }
  return found;
}
