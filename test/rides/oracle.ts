import type { Position } from '../../lambdas/contract/position';
import { distance } from '../../lambdas/geo/distance';

/** Figures of a track, computed from all of its points at once, as plainly as can be. */
export function recompute(stored: readonly Position[]) {
  const points = stored.toSorted((a, b) => a.time - b.time);
  const seconds = points.filter(
    ({ time }, i) => i === 0 || Math.floor(time / 1e3) !== Math.floor((points[i - 1]?.time ?? 0) / 1e3),
  );
  const metres = (a: Position, b: Position) => Math.round(distance(a, b) * 1e3) / 1e3;
  const speed = (a: Position, b: Position) => Math.round((metres(a, b) * 1e6) / (b.time - a.time)) / 1e3;
  const strayed = new Set<Position>();
  for (const together of [1, 2, 3, 4]) {
    seconds.forEach((p, i) => {
      const [a, q, b] = [seconds[i - 1], seconds[i + together - 1], seconds[i + together]];
      if (!a || !q || !b) return;
      const fast = speed(a, p) >= 40 && speed(q, b) >= 40 && metres(a, p) >= 50 && metres(q, b) >= 50;
      if (fast && metres(a, p) + metres(q, b) > 3 * metres(a, b))
        for (const each of seconds.slice(i, i + together)) strayed.add(each);
    });
  }
  const kept = seconds.filter((p) => !strayed.has(p));
  const steps = kept.slice(1).map((b, i) => {
    const a = kept[i] ?? b;
    return { metres: metres(a, b), ms: b.time - a.time, speed: speed(a, b) };
  });
  const moving = steps.filter((step) => step.speed >= 0.5);
  const gaps = steps.filter(({ ms }) => ms > 180_000);
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const pairs = steps.slice(1).map((step, i) => Math.min(step.speed, steps[i]?.speed ?? 0));
  const movingMs = sum(moving.map(({ ms }) => ms));
  const moved = sum(moving.map((step) => step.metres));
  const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
  return {
    points: points.length,
    startedAt: points[0]?.time,
    endedAt: points.at(-1)?.time,
    distance: sum(steps.filter((step) => step.speed >= 0.5 || step.metres >= 50).map((step) => step.metres)),
    elapsedSeconds: ((points.at(-1)?.time ?? 0) - (points[0]?.time ?? 0)) / 1e3,
    movingSeconds: movingMs / 1e3,
    averageSpeed: movingMs === 0 ? 0 : (moved / movingMs) * 1e3,
    maximumSpeed: steps.length === 1 ? (moving[0]?.speed ?? 0) : Math.max(0, ...pairs),
    ...climb(points),
    boundingBox: {
      west: Math.min(...kept.map(({ lon }) => rounded(lon, 7))),
      south: Math.min(...kept.map(({ lat }) => rounded(lat, 7))),
      east: Math.max(...kept.map(({ lon }) => rounded(lon, 7))),
      north: Math.max(...kept.map(({ lat }) => rounded(lat, 7))),
    },
    gaps: { count: gaps.length, seconds: sum(gaps.map(({ ms }) => ms)) / 1e3 },
    spikes: seconds.length - kept.length,
    places: places(kept),
  };
}

function climb(points: readonly Position[]) {
  const minutes = new Map<number, number[]>();
  for (const { time, altitude } of points) {
    const minute = Math.floor(time / 60_000);
    if (altitude !== undefined) minutes.set(minute, [...(minutes.get(minute) ?? []), altitude]);
  }
  if (minutes.size === 0) return {};
  const levels = [...minutes.values()].map((altitudes) => {
    const sorted = altitudes.toSorted((a, b) => a - b);
    return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 100) / 100;
  });
  const rises = levels.slice(1).map((level, i) => Math.round((level - (levels[i] ?? 0)) * 100));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0) / 100;
  return {
    ascent: sum(rises.filter((rise) => rise >= 100)),
    descent: sum(rises.filter((rise) => rise <= -100).map((rise) => -rise)),
  };
}

/** The first sample of each interval of 2^n seconds, for the least n from 3 on that leaves at most 64; and the end. */
function places(kept: readonly Position[]): [number, number][] {
  for (let level = 3; ; level += 1) {
    const width = 1_000 * 2 ** level;
    const index = ({ time }: Position) => Math.floor(time / width);
    const firsts = kept.filter((p, i) => i === 0 || index(p) !== index(kept[i - 1] ?? p));
    if (firsts.length > 64) continue;
    const end = kept.at(-1);
    const all = end && firsts.at(-1) !== end ? [...firsts, end] : firsts;
    return all.map(({ lat, lon }) => [
      Math.round(Math.round(lat * 1e7) / 100),
      Math.round(Math.round(lon * 1e7) / 100),
    ]);
  }
}
