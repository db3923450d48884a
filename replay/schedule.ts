import { limits } from '../lambdas/contract/limits';
import type { Recorded } from './datasets';

/** Where recorded time and today's meet: what happened at `recorded` happens at `now`, `speed` times as fast. */
export interface Anchor {
  recorded: number;
  now: number;
  speed: number;
  /** `live` packs the intervals as the speed asks, so that points are dated when they are sent; `keep` keeps them. */
  intervals: 'live' | 'keep';
}

/** When (epoch ms) a point recorded at `time` is due to be sent. */
export const dueAt = (anchor: Anchor, time: number): number => anchor.now + (time - anchor.recorded) / anchor.speed;

/** The time (epoch ms) that a point recorded at `time` carries when it is sent. */
export function datedAt(anchor: Anchor, time: number): number {
  const pace = anchor.intervals === 'live' ? anchor.speed : 1;
  return Math.round(anchor.now + (time - anchor.recorded) / pace);
}

/** Points that go out together, with the position in the set that follows them. */
export interface Tick {
  points: Recorded[];
  next: number;
}

/** @returns the points from `start` on that are due at `now`, at most a request's worth */
export function dueTick(set: readonly Recorded[], start: number, anchor: Anchor, now: number): Tick {
  const devices = new Set<string>();
  let next = start;
  for (let recorded = set[next]; recorded; recorded = set[++next]) {
    devices.add(`${recorded.device}#${recorded.task}`);
    const full = next - start >= limits.pointsPerRequest || devices.size > limits.devicesPerRequest;
    if (full || dueAt(anchor, recorded.point.time) > now) break;
  }
  return { points: set.slice(start, next), next };
}

/** One device's points of a tick. */
export interface DeviceBatch {
  deviceId: string;
  taskId: string;
  points: Recorded['point'][];
}

/** A tick's points by device and task, dated as the anchor says. */
export function toBatches(points: readonly Recorded[], anchor: Anchor): DeviceBatch[] {
  const batches = new Map<string, DeviceBatch>();
  for (const { device, task, point } of points) {
    const key = `${device}#${task}`;
    const batch = batches.get(key) ?? { deviceId: device, taskId: task, points: [] };
    batch.points.push({ ...point, time: datedAt(anchor, point.time) });
    batches.set(key, batch);
  }
  return [...batches.values()];
}
