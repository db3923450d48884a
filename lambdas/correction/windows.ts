import type { Position } from '../contract/position';
import { MINUTE_MS } from '../contract/time';
import { CONTEXT_MINUTES, windowOf } from './decide';
import type { Minutes } from './due';

/** The raw points of one minute. */
export interface RawMinute {
  /** Its start, epoch ms. */
  minute: number;
  points: Position[];
  /** Grows with every change of the points. */
  seen: number;
}

/** A minute with what it is judged from. */
export interface Window {
  minute: number;
  /** Of the minute and its context. */
  points: Position[];
  seen: number;
}

const CONTEXT_MS = CONTEXT_MINUTES * MINUTE_MS;

/** What has to be read to judge a range of minutes. */
export const withContext = ({ from, to }: Minutes): Minutes => ({
  from: Math.max(0, from - CONTEXT_MS),
  to: to + CONTEXT_MS,
});

function toWindow(minute: number, held: readonly RawMinute[]): Window {
  const { from, to } = windowOf(minute);
  const within = held.filter((one) => one.minute >= from && one.minute < to);
  return {
    minute,
    points: within.flatMap(({ points }) => points),
    seen: within.reduce((sum, { seen }) => sum + seen, 0),
  };
}

/**
 * The windows of a range's minutes, one after the other. Never more than six minutes are held, however long the track.
 * @param minutes those of the range and its context that have points, in order
 */
export async function* windows(minutes: AsyncIterable<RawMinute>, range: Minutes): AsyncGenerator<Window> {
  let held: RawMinute[] = [];
  let waiting: number[] = [];
  for await (const next of minutes) {
    for (const minute of waiting.filter((one) => windowOf(one).to <= next.minute)) yield toWindow(minute, held);
    waiting = waiting.filter((one) => windowOf(one).to > next.minute);
    held = [...held.filter(({ minute }) => minute >= next.minute - 2 * CONTEXT_MS), next];
    if (next.minute >= range.from && next.minute < range.to) waiting.push(next.minute);
  }
  for (const minute of waiting) yield toWindow(minute, held);
}
