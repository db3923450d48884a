import type { Sample } from './sample';

/** Places of an outline at most. */
export const OUTLINE_PLACES = 64;

/** The finest interval between two places is 2^3 s: a minute adds little to what is stored. */
const FINEST = 3;

/**
 * A way simplified: the first sample of each interval of time. Intervals are 2^level seconds long and counted from the
 * epoch, and the level is the finest at which there are not too many. So an outline depends on the samples alone, and
 * those of two parts make that of the whole: the first of an interval is the first of its parts' firsts.
 */
export interface Outline {
  level: number;
  /** In order of time; `second` since the epoch, `lat` and `lon` in 1e-5 degrees. */
  places: Place[];
}

export interface Place {
  second: number;
  lat: number;
  lon: number;
}

/** @returns a sample as a place */
export const toPlace = ({ time, lat, lon }: Sample): Place => ({
  second: Math.floor(time / 1_000),
  lat: Math.round(lat / 100),
  lon: Math.round(lon / 100),
});

export const outlineOf = (sample: Sample): Outline => ({ level: FINEST, places: [toPlace(sample)] });

function thinned(places: readonly Place[], level: number): Place[] {
  const interval = 2 ** level;
  let last: number | undefined;
  return places.filter(({ second }) => {
    const index = Math.floor(second / interval);
    if (index === last) return false;
    last = index;
    return true;
  });
}

/** @returns the outline of what two outlines have together, `a` before `b` */
export function mergeOutlines(a: Outline, b: Outline): Outline {
  let level = Math.max(a.level, b.level);
  let places = thinned([...a.places, ...b.places], level);
  while (places.length > OUTLINE_PLACES) {
    level += 1;
    places = thinned(places, level);
  }
  return { level, places };
}
