import type { Range, TrackPoint } from './decide';

/** What of a track is read: its points as they were reported, as corrected, or both beside each other. */
export type View = 'raw' | 'corrected' | 'both';

/** @returns the range that points lie in; undefined of none */
export function timesOf(points: readonly TrackPoint[]): Range | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return undefined;
  return { from: Math.min(first.time, last.time), to: Math.max(first.time, last.time) + 1 };
}

/** Puts beside each point where the device most likely was then; a point that is not corrected yet stays as it is. */
export function withCorrections(points: readonly TrackPoint[], corrected: readonly TrackPoint[]): TrackPoint[] {
  const byTime = new Map(corrected.map(({ time, task: _, ...place }) => [time, place]));
  return points.map((point) => {
    const place = byTime.get(point.time);
    return place ? { ...point, corrected: place } : point;
  });
}
