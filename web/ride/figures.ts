import type { Statistics } from '../../lambdas/contract/rides';
import { inAltitude, inDayTime, inDuration, inLength, inSpeed } from './format';

/** A figure: what it is called, and how it reads. */
export type Figure = [name: string, value: string];

/** @returns a ride's statistics as they are shown, in order. @param zone an IANA time zone; the reader's by default */
export function figuresOf(statistics: Statistics, zone?: string): Figure[] {
  const { ascent, descent, gaps, spikes } = statistics;
  return [
    ['Distance', inLength(statistics.distance)],
    ['Moving', inDuration(statistics.movingSeconds)],
    ['Elapsed', inDuration(statistics.elapsedSeconds)],
    ['Average, moving', inSpeed(statistics.averageSpeed)],
    ['Maximum', inSpeed(statistics.maximumSpeed)],
    ...(ascent === undefined ? [] : [['Ascent', inAltitude(ascent)] satisfies Figure]),
    ...(descent === undefined ? [] : [['Descent', inAltitude(descent)] satisfies Figure]),
    ['Began', inDayTime(statistics.startedAt, zone)],
    ['Last point', inDayTime(statistics.endedAt, zone)],
    ['Points', statistics.points.toLocaleString('en')],
    ['Gaps', gaps.count === 0 ? 'none' : `${gaps.count}, together ${inDuration(gaps.seconds)}`],
    ['Spikes left out', String(spikes)],
  ];
}
