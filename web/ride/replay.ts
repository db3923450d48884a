import type { Span } from './track';

/** Where a replay stands. */
export interface Replay {
  /** The moment shown, epoch ms. */
  time: number;
  playing: boolean;
  /** So many times as fast as it was. */
  rate: number;
}

/** How fast a replay may go. */
export const rates = [1, 5, 20, 60, 300] as const;

/** A whole ride takes about so long to watch at first (ms). */
const COMFORT_MS = 45_000;

/** @returns the rate at which a track is seen in about 45 s */
export function rateFor({ from, to }: Span): number {
  return rates.find((rate) => (to - from) / rate <= COMFORT_MS) ?? 300;
}

const within = (time: number, { from, to }: Span): number => Math.min(to, Math.max(from, time));

/** @returns the replay at another moment, inside the track */
export const seek = (replay: Replay, time: number, span: Span): Replay => ({ ...replay, time: within(time, span) });

/** Begins, or begins again where it has come to the end; or stops. */
export function toggle(replay: Replay, span: Span): Replay {
  if (replay.playing) return { ...replay, playing: false };
  return { ...replay, playing: true, time: replay.time >= span.to ? span.from : within(replay.time, span) };
}

/** @param elapsed ms that passed for who watches @returns the replay then; it stops at the end */
export function advance(replay: Replay, elapsed: number, span: Span): Replay {
  if (!replay.playing) return replay;
  const time = within(replay.time + elapsed * replay.rate, span);
  return { ...replay, time, playing: time < span.to };
}

/** The track has grown: who was at its end stays at its end. */
export function grown(replay: Replay, before: Span | undefined, after: Span): Replay {
  const atEnd = before === undefined || (!replay.playing && replay.time >= before.to);
  return { ...replay, time: atEnd ? after.to : within(replay.time, after) };
}
