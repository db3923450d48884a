import type { RideChange } from '../contract/ride-change';
import { MINUTE_MS } from '../contract/time';
import { trackKey } from '../contract/track-row';
import type { Read } from '../platform/streams';
import { CONTEXT_MINUTES } from './decide';

/** What an invocation learnt of one track, and from which records. */
export interface Due extends RideChange {
  sequences: string[];
}

const latest = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);

/** Gathers what the records say, track by track. */
export function toDue(changes: readonly Read<RideChange>[]): Due[] {
  const tracks = new Map<string, Due>();
  for (const { sequence, value } of changes) {
    const { device, task, minutes, newest, finished } = value;
    const key = trackKey(device, task);
    const due = tracks.get(key) ?? { device, task, minutes: [], newest: undefined, finished: false, sequences: [] };
    tracks.set(key, due);
    due.minutes.push(...minutes);
    due.newest = latest(due.newest, newest);
    due.finished ||= finished;
    due.sequences.push(sequence);
  }
  return [...tracks.values()];
}

/** From inclusive, to exclusive: starts of minutes (epoch ms). */
export interface Minutes {
  from: number;
  to: number;
}

const CONTEXT_MS = CONTEXT_MINUTES * MINUTE_MS;

/** The ranges in order, joined where one begins before another has ended; empty ones left out. */
function joined(ranges: readonly Minutes[]): Minutes[] {
  const all: Minutes[] = [];
  for (const { from, to } of ranges.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}

/**
 * The minutes to judge now: those whose context is complete since they were judged last, because points came after
 * it or because the ride is over; and of those judged before, the neighbours of what was added since. So the next
 * change of a track makes up for whatever was missed.
 * @param newest the track's newest minute, as far as its ride is counted (epoch ms): what comes behind it is told of
 * @param until up to when the track is corrected, exclusive
 */
export function toJudge(
  { minutes, finished }: Pick<RideChange, 'minutes' | 'finished'>,
  newest: number,
  until = 0,
): Minutes[] {
  const complete = Math.max(0, finished ? newest + MINUTE_MS : newest - CONTEXT_MS);
  const known = Math.max(complete, until);
  const ended = finished ? [{ from: Math.max(0, newest - CONTEXT_MS), to: complete }] : [];
  const touched = minutes.map((minute) => ({
    from: Math.max(0, minute - CONTEXT_MS),
    to: Math.min(known, minute + CONTEXT_MS + MINUTE_MS),
  }));
  return joined([{ from: until, to: complete }, ...ended, ...touched]);
}
