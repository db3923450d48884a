import type { PositionBatch } from '../contract/batch';
import type { Position } from '../contract/position';
import type { TaskDay } from '../contract/task-registry';
import { MINUTE_MS } from '../contract/time';
import { rowExpiry, type TrackRow } from '../contract/track-row';

const HOUR_MS = 3_600_000;

const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS) * MINUTE_MS;

export type Order = 'oldest' | 'newest';

/** From inclusive, to exclusive (epoch ms). */
export interface Range {
  from: number;
  to: number;
}

/** A point of a track, with the task that it belongs to. */
export interface TrackPoint extends Position {
  task: string;
  /** Where the device most likely was, where that is asked for. */
  corrected?: Omit<Position, 'time'>;
}

/** A place in a device's points: no two points of a device have the same time and task. */
export interface Place {
  time: number;
  task: string;
}

/** Points to append to one minute row, and the stream records that they came in. */
export interface RowAppend {
  device: string;
  task: string;
  /** Start of the minute, epoch ms. */
  minute: number;
  /** By time; of a repeated point the first accepted. */
  points: Map<number, Position>;
  sequences: Set<string>;
}

/** Something to register: the device has points of this task in this hour, reported by this feeder. */
export interface Registration {
  device: string;
  task: string;
  /** Start of the hour, epoch ms. */
  hour: number;
  by: string | undefined;
  sequences: Set<string>;
}

/** A batch with the sequence number of the stream record that it came in. */
export interface Received {
  sequence: string;
  value: PositionBatch;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Gathers all points of one minute of one track over a whole invocation, so that a row is written once. */
export function toRows(received: readonly Received[]): RowAppend[] {
  const rows = new Map<string, RowAppend>();
  for (const { sequence, value } of received) {
    // A device wrote these itself: they came here from their rows.
    if (value.stored) continue;
    const { device, task } = value;
    for (const point of value.points) {
      const minute = minuteOf(point.time);
      const empty = () => ({ device, task, minute, points: new Map(), sequences: new Set<string>() });
      const row = entry(rows, `${device}#${task}#${minute}`, empty);
      if (!row.points.has(point.time)) row.points.set(point.time, point);
      row.sequences.add(sequence);
    }
  }
  return [...rows.values()];
}

/** What must be in the registry before the rows are written: who reads by device finds the tasks through it. */
export function toRegistrations(received: readonly Received[]): Registration[] {
  const registrations = new Map<string, Registration>();
  for (const { sequence, value } of received) {
    const { device, task, by } = value;
    for (const point of value.points) {
      const hour = Math.floor(point.time / HOUR_MS) * HOUR_MS;
      const empty = () => ({ device, task, hour, by, sequences: new Set<string>() });
      entry(registrations, registrationKey({ device, task, hour, by }), empty).sequences.add(sequence);
    }
  }
  return [...registrations.values()];
}

/** @returns a name of what is registered, the same for every repeat */
export function registrationKey({ device, task, hour, by }: Omit<Registration, 'sequences'>): string {
  return `${device}#${task}#${hour}#${by ?? ''}`;
}

/** Leaves out the points that have outlived the retention. @param now epoch ms */
export function withoutExpired(received: readonly Received[], retentionDays: number, now: number): Received[] {
  return received.map(({ sequence, value }) => {
    const points = value.points.filter(({ time }) => rowExpiry(minuteOf(time), retentionDays) * 1_000 > now);
    return { sequence, value: { ...value, points } };
  });
}

/** A stretch of time in which a task may have points. */
export interface Run extends Range {
  task: string;
}

/**
 * The stretches of consecutive hours of each task, cut to a range.
 * @returns in the order in which a reader meets them
 */
export function toRuns(days: readonly TaskDay[], range: Range, order: Order): Run[] {
  const hours = days.flatMap(({ task, day, hours }) => hours.map((hour) => ({ task, from: day + hour * HOUR_MS })));
  hours.sort((a, b) => (a.task === b.task ? a.from - b.from : a.task < b.task ? -1 : 1));
  const runs: Run[] = [];
  for (const { task, from } of hours) {
    const last = runs.at(-1);
    if (last?.task === task && last.to >= from) last.to = from + HOUR_MS;
    else runs.push({ task, from, to: from + HOUR_MS });
  }
  return runs
    .map(({ task, from, to }) => ({ task, from: Math.max(from, range.from), to: Math.min(to, range.to) }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => (order === 'oldest' ? a.from - b.from : b.to - a.to));
}

/** @returns below 0 where `a` is read before `b` */
export function compare(a: Place, b: Place, order: Order): number {
  const ascending = a.time - b.time || (a.task === b.task ? 0 : a.task < b.task ? -1 : 1);
  return order === 'oldest' ? ascending : -ascending;
}

/**
 * The points of rows in order. A minute that overflowed has several rows; of a point that stands in two of them, the
 * one in the minute's own row counts: it sorts first.
 * @param rows in the order of the table's keys, or in reverse for `newest`
 */
export function uniquePoints(rows: readonly TrackRow[], order: Order): TrackPoint[] {
  const points = new Map<number, TrackPoint>();
  for (const { task, points: some } of order === 'oldest' ? rows : rows.toReversed()) {
    for (const point of some) if (!points.has(point.time)) points.set(point.time, { task, ...point });
  }
  return [...points.values()].sort((a, b) => compare(a, b, order));
}

/** What is left of a range for whoever has read up to a place. */
export function remaining(range: Range, after: Place | undefined, order: Order): Range {
  if (after === undefined) return range;
  return order === 'oldest'
    ? { from: Math.max(range.from, after.time), to: range.to }
    : { from: range.from, to: Math.min(range.to, after.time + 1) };
}

/** @returns the points that lie in the range and behind the place, in order */
export function unread(points: TrackPoint[], range: Range, after: Place | undefined, order: Order): TrackPoint[] {
  return points
    .filter(({ time }) => time >= range.from && time < range.to)
    .filter((point) => after === undefined || compare(after, point, order) < 0)
    .sort((a, b) => compare(a, b, order));
}

/** Points of the batches accepted last; of a repeated point the first accepted. */
export function tailPoints(batches: readonly PositionBatch[]): TrackPoint[] {
  return toRows(batches.map((value) => ({ sequence: '', value }))).flatMap(({ task, points }) =>
    [...points.values()].map((point) => ({ task, ...point })),
  );
}

/**
 * Bytes of a point in an answer, at the most, whatever the format: keys, digits, a task of 64 characters, and markup.
 * The answer travels as a string within JSON, where a quote takes two bytes; `attributes` says how free text grows.
 */
const POINT_BYTES = 520;

/** @param expansion bytes that one byte of the attributes' JSON may become in the answer */
export function answerBytes(point: Position, expansion: number): number {
  const { attributes } = point;
  return POINT_BYTES + (attributes === undefined ? 0 : expansion * Buffer.byteLength(JSON.stringify(attributes)));
}
