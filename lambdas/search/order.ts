import type { TrackedPosition } from '../contract/position';
import { distance, type LatLon } from '../geo/distance';

/** Where a position stands in an order. No two positions share one: a point is known by device, task and time. */
export interface Key {
  /** Metres from where a search by distance measures; 0 in the orders of time. */
  distance: number;
  time: number;
  device: string;
  task: string;
}

/** How the index sorts rows, and the rows' values of that sort, as a search by `search_after` gives and takes them. */
export type SortValues = readonly (number | string)[];

/** An order of positions, and the order of rows in which they can be read so that it comes out. */
export interface Order {
  keyOf(position: TrackedPosition): Key;
  /** Below 0 where `a` comes first. */
  compare(a: Key, b: Key): number;
  /** The index's `sort`. */
  sort: readonly object[];
  /** No position of a row that the index sorts after `values` comes before this. */
  floor(values: SortValues): Key;
}

const text = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);

/** Nearest first, then oldest first, then by device and task. */
export const compareKeys = (a: Key, b: Key): number =>
  a.distance - b.distance || a.time - b.time || text(a.device, b.device) || text(a.task, b.task);

const timeKey = ({ time, device, task }: TrackedPosition): Key => ({ distance: 0, time, device, task });

const timeFloor = ([time, device, task]: SortValues): Key => ({
  distance: 0,
  time: Number(time),
  device: String(device),
  task: String(task),
});

const ascending: Order = {
  keyOf: timeKey,
  compare: compareKeys,
  sort: [{ from: 'asc' }, { device: 'asc' }, { task: 'asc' }],
  floor: timeFloor,
};

const descending: Order = {
  keyOf: timeKey,
  compare: (a, b) => compareKeys(b, a),
  sort: [{ to: 'desc' }, { device: 'desc' }, { task: 'desc' }],
  floor: timeFloor,
};

/**
 * How far the index's idea of a distance may lie from ours (m): it keeps coordinates in 32 bits each (1 cm), reckons
 * with an approximated haversine (40 cm; Lucene, SloppyMath) and with a radius that differs in the ninth digit.
 */
export const slack = (metres: number): number => 1 + metres * 1e-6;

const nearest = (near: LatLon): Order => ({
  keyOf: (position) => ({ ...timeKey(position), distance: distance(position, near) }),
  compare: compareKeys,
  sort: [
    { _geo_distance: { path: [near.lon, near.lat], order: 'asc', unit: 'm', mode: 'min', distance_type: 'arc' } },
    { from: 'asc' },
    { device: 'asc' },
    { task: 'asc' },
  ],
  floor: ([metres]) => ({ distance: Number(metres) - slack(Number(metres)), time: -1, device: '', task: '' }),
});

/** The orders a search may ask for; `-time` is `time` backwards, ties included. */
export function orderOf(sort: 'time' | '-time' | 'distance', near: LatLon | undefined): Order {
  if (sort === 'distance' && near) return nearest(near);
  return sort === '-time' ? descending : ascending;
}
