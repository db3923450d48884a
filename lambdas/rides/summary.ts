import type { Position } from '../contract/position';
import { type Climb, climbOf, mergeClimbs } from './climb';
import { toSamples } from './sample';
import { mergeTraces, type Trace, traceOf } from './trace';

/**
 * All that statistics need of a stretch of a track, of the same size however long it is. A minute's is computed from
 * its points; those of longer stretches are put together from these in the order of time, however they are grouped.
 */
export interface Summary {
  /** Points stored. */
  points: number;
  /** The first and the last point's time, epoch ms. */
  from: number;
  to: number;
  trace: Trace;
  climb: Climb | undefined;
}

/** @returns the summary of one minute's points, each time once and in order; undefined where there is none */
export function summarizeMinute(points: readonly Position[]): Summary | undefined {
  const [first, last] = [points[0], points.at(-1)];
  const [start, ...rest] = toSamples(points).map(traceOf);
  if (first === undefined || last === undefined || start === undefined) return undefined;
  return {
    points: points.length,
    from: first.time,
    to: last.time,
    trace: rest.reduce(mergeTraces, start),
    climb: climbOf(points),
  };
}

/** @returns the summary of `a` and then `b` */
export function mergeSummaries(a: Summary | undefined, b: Summary | undefined): Summary | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    points: a.points + b.points,
    from: a.from,
    to: b.to,
    trace: mergeTraces(a.trace, b.trace),
    climb: mergeClimbs(a.climb, b.climb),
  };
}
