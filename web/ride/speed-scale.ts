const KMH = 3.6;

/**
 * Five colours from slow to fast. The upper part of the map "plasma": lightness grows evenly, so that its order shows
 * in grey and to the colour-blind; each stands out from the dark ground by 3 : 1 or more (WCAG 2.2, 1.4.11).
 * Source: van der Walt and Smith, "A better default colormap for Matplotlib" (SciPy 2015), released as CC0.
 */
export const speedColours = ['#b12a90', '#d6556d', '#f1844b', '#fcb42f', '#f0f921'] as const;

/** Steps that people read with ease, in km/h. */
const steps = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 80, 100, 150, 200];

/** The speed that this share of all stays below. Single jumps of a receiver lie above it and don't stretch the scale. */
const SHARE = 0.95;

/** Classes of speed, slowest first. */
export interface SpeedScale {
  /** Width of a class, km/h; the last is open. */
  step: number;
}

/** @param speeds m/s, in any order @returns a scale whose classes cover nearly all of them */
export function scaleOf(speeds: readonly number[]): SpeedScale {
  const sorted = Float64Array.from(speeds).sort();
  const most = (sorted[Math.floor((sorted.length - 1) * SHARE)] ?? 0) * KMH;
  const step = steps.find((each) => each * speedColours.length >= most) ?? 200;
  return { step };
}

/** @param speed m/s @returns the index of its class */
export function classOf({ step }: SpeedScale, speed: number): number {
  return Math.min(speedColours.length - 1, Math.max(0, Math.floor((speed * KMH) / step)));
}

/** @returns what the legend says of each class, slowest first */
export function legendOf({ step }: SpeedScale): { colour: string; label: string }[] {
  return speedColours.map((colour, index) => {
    const last = index === speedColours.length - 1;
    return { colour, label: last ? `${index * step} km/h and more` : `${index * step}–${(index + 1) * step}` };
  });
}

/** @returns the speed (m/s) at which the fastest class would end, were it as wide as the others */
export const topOf = ({ step }: SpeedScale): number => (step * speedColours.length) / KMH;
