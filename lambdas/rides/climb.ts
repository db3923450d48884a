import type { Position } from '../contract/position';

/** From minute to minute a change of altitude below this (cm) is a receiver's noise. */
const NOISE = 100;

/** Ascent and descent between the minutes that have an altitude, all in cm: of a minute, its points' median counts. */
export interface Climb {
  first: number;
  last: number;
  ascent: number;
  descent: number;
}

/** @returns the climb of one minute's points; undefined where no altitude is known */
export function climbOf(points: readonly Position[]): Climb | undefined {
  const altitudes = points.flatMap(({ altitude }) => altitude ?? []).sort((a, b) => a - b);
  const median = altitudes[Math.floor(altitudes.length / 2)];
  if (median === undefined) return undefined;
  const level = Math.round(median * 100);
  return { first: level, last: level, ascent: 0, descent: 0 };
}

/** @returns the climb over `a` and then `b` */
export function mergeClimbs(a: Climb | undefined, b: Climb | undefined): Climb | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const rise = b.first - a.last;
  return {
    first: a.first,
    last: b.last,
    ascent: a.ascent + b.ascent + (rise >= NOISE ? rise : 0),
    descent: a.descent + b.descent + (rise <= -NOISE ? -rise : 0),
  };
}
