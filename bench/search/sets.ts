import type { Position, TrackedPosition } from '../../lambdas/contract/position';
import { DAY_MS, MINUTE_MS } from '../../lambdas/contract/time';
import type { TrackRow } from '../../lambdas/contract/track-row';
import { type DatasetName, readDataset } from '../../replay/datasets';

/** Points of many devices in order of time. */
export type Recording = TrackedPosition[];

async function recorded(name: DatasetName): Promise<Recording> {
  const once = new Map<string, TrackedPosition>();
  for (const { device, task, point } of await readDataset(name)) {
    const key = `${device}#${task}#${point.time}`;
    if (!once.has(key)) once.set(key, { device, task, ...point });
  }
  return [...once.values()];
}

/** Austin's buses of 2015-09-06, so many days in succession: the recorded day, dated to each. */
export async function austinDays(days: number): Promise<Recording> {
  const day = await recorded('austin-2015');
  return Array.from({ length: days }, (_, index) =>
    day.map((point) => ({ ...point, time: point.time + index * DAY_MS })),
  ).flat();
}

/** Porto's taxis with a point each five seconds, as phones report: two more between each two of the recorded. */
export async function portoPhones(points: number): Promise<Recording> {
  const last = new Map<string, TrackedPosition>();
  const dense: Recording = [];
  for (const point of await recorded('porto')) {
    const key = `${point.device}#${point.task}`;
    const before = last.get(key);
    last.set(key, point);
    if (before === undefined) continue;
    for (const part of [0, 1, 2]) {
      const at = (from: number, to: number): number => Math.round((from + ((to - from) * part) / 3) * 1e6) / 1e6;
      const time = before.time + part * 5_000;
      const place = { lat: at(before.lat, point.lat), lon: at(before.lon, point.lon) };
      dense.push({ device: point.device, task: point.task, time, ...place, accuracy: 5, speed: 8.4, heading: 271 });
    }
  }
  return dense.sort((a, b) => a.time - b.time).slice(0, points);
}

/**
 * The versions of rows that come to the index as requests of so many points arrive, in that order. A row is indexed
 * anew with each request that adds to it.
 */
export function* versionsOf(recording: Recording, pointsPerRequest: number): Generator<TrackRow> {
  const waiting = new Map<string, TrackedPosition[]>();
  const rows = new Map<string, Position[]>();
  function* arrive(points: readonly TrackedPosition[]): Generator<TrackRow> {
    const changed = new Map<string, TrackRow>();
    for (const { device, task, ...point } of points) {
      const minute = point.time - (point.time % MINUTE_MS);
      const key = `${device}#${task}#${minute}`;
      const held = rows.get(key) ?? [];
      rows.set(key, held);
      held.push(point);
      changed.set(key, { device, task, minute, points: [...held] });
    }
    yield* changed.values();
  }
  for (const point of recording) {
    const key = `${point.device}#${point.task}`;
    const held = [...(waiting.get(key) ?? []), point];
    waiting.set(key, held.length >= pointsPerRequest ? [] : held);
    if (held.length >= pointsPerRequest) yield* arrive(held);
  }
  for (const held of waiting.values()) yield* arrive(held);
}
