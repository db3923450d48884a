import type { Position } from '../../lambdas/contract/position';
import { MINUTE_MS } from '../../lambdas/contract/time';
import { CONTEXT_MINUTES, correctMinute } from '../../lambdas/correction/decide';

const minuteOf = ({ time }: Position) => Math.floor(time / MINUTE_MS) * MINUTE_MS;

/** A whole track, minute by minute, each from its own window: as the service does it. @param raw in order of time */
export function correctTrack(raw: readonly Position[]): Position[] {
  const byMinute = new Map<number, Position[]>();
  for (const point of raw) {
    const points = byMinute.get(minuteOf(point)) ?? [];
    byMinute.set(minuteOf(point), points);
    points.push(point);
  }
  return [...byMinute.keys()].flatMap((minute) => {
    const near = Array.from({ length: 2 * CONTEXT_MINUTES + 1 }, (_, index) => index - CONTEXT_MINUTES);
    return correctMinute(
      minute,
      near.flatMap((offset) => byMinute.get(minute + offset * MINUTE_MS) ?? []),
    );
  });
}

export const mean = (figures: readonly number[]): number =>
  figures.reduce((sum, figure) => sum + figure, 0) / Math.max(1, figures.length);

/** @param share 0–1 */
export const percentile = (figures: readonly number[], share: number): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(share * (figures.length - 1))] ?? 0;

export const maximum = (figures: readonly number[]): number =>
  figures.reduce((most, figure) => Math.max(most, figure), 0);
