import fc from 'fast-check';
import type { Position } from '../../lambdas/contract/position';
import type { Statistics } from '../../lambdas/contract/rides';
import { toStatistics } from '../../lambdas/rides/statistics';
import { mergeSummaries, summarizeMinute } from '../../lambdas/rides/summary';
import { readDataset } from '../../replay/datasets';

/** 2026-07-01T07:58:20Z: tracks go over minutes and hours. */
export const START = 1_782_892_700_000;

const rounded = (degrees: number) => Math.round(degrees * 1e7) / 1e7 + 0;

/** How the next point follows: after what time, moved how far (degrees), and what happens to it. */
const legs = fc.record({
  afterMs: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(1_000, 5_000, 15_000) },
    { weight: 3, arbitrary: fc.integer({ min: 20, max: 70_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(170_000, 181_000, 3_600_000, 9_000_000) },
  ),
  north: fc.oneof(fc.constant(0), fc.double({ min: -0.002, max: 0.002, noNaN: true })),
  east: fc.oneof(fc.constant(0), fc.double({ min: -0.002, max: 0.002, noNaN: true })),
  spike: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(0.02, 0.002, 3) }),
  altitude: fc.option(fc.double({ min: 0, max: 60, noNaN: true }), { nil: undefined }),
});

/** Tracks with stops, gaps, spikes and altitudes here and there. */
export const tracks: fc.Arbitrary<Position[]> = fc.array(legs, { minLength: 1, maxLength: 120 }).map((steps) => {
  let [time, lat, lon] = [START, 41.15, -8.61];
  return steps.map(({ afterMs, north, east, spike, altitude }) => {
    time += afterMs;
    lat += north;
    lon += east;
    return { time, lat: rounded(lat + spike), lon: rounded(lon), ...(altitude !== undefined && { altitude }) };
  });
});

/** Trips of Porto's taxis, the longest first: points by time, spikes as they were recorded. */
export async function portoTracks(count: number): Promise<Position[][]> {
  const byTask = new Map<string, Map<number, Position>>();
  for (const { device, task, point } of await readDataset('porto')) {
    const track = byTask.get(`${device}#${task}`) ?? new Map<number, Position>();
    byTask.set(`${device}#${task}`, track.set(point.time, point));
  }
  const longest = [...byTask.values()].sort((a, b) => b.size - a.size);
  return longest.slice(0, count).map((track) => [...track.values()]);
}

/** The figures of all points, minute by minute: that these are right, `statistics.test.ts` holds. */
export function recomputed(points: readonly Position[]): Statistics | undefined {
  const summary = byMinute(points).map(summarizeMinute).reduce(mergeSummaries, undefined);
  return summary && toStatistics(summary);
}

/** The points of each minute, in order. */
export const byMinute = (points: readonly Position[]): Position[][] => {
  const minutes = new Map<number, Position[]>();
  for (const point of points.toSorted((a, b) => a.time - b.time)) {
    const minute = Math.floor(point.time / 60_000);
    minutes.set(minute, [...(minutes.get(minute) ?? []), point]);
  }
  return [...minutes.values()];
};
