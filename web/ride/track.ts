import { placeAt } from '../../client/src/point';
import type { Point } from '../../lambdas/contract/position';
import { distance } from '../../lambdas/geo/distance';
import type { LonLat } from '../vehicles';

/** Nobody knows the way between two points that lie further apart in time (ms); statistics count it as a gap. */
export const GAP_MS = 180_000;

/** First and last moment of a track, epoch ms. */
export interface Span {
  from: number;
  to: number;
}

/** Where a device was at one moment, between two of its points. */
export interface Moment {
  at: LonLat;
  /** m/s: as reported around it, else as the way between the two points makes it. Unknown in a gap. */
  speed: number | undefined;
  /** Metres, where both points have one. */
  altitude: number | undefined;
  gap: boolean;
}

export const isGap = (from: Point, to: Point): boolean => to.time - from.time > GAP_MS;

/** @returns the speed (m/s) with which a device came to `to`: as it said, else distance over time; undefined over a gap */
export function stepSpeed(from: Point, to: Point): number | undefined {
  if (isGap(from, to)) return undefined;
  if (to.speed !== undefined) return to.speed;
  return to.time > from.time ? (distance(from, to) * 1_000) / (to.time - from.time) : undefined;
}

const mixed = (from: number | undefined, to: number | undefined, part: number): number | undefined =>
  from === undefined || to === undefined ? undefined : from + (to - from) * part;

const placed = ({ time, lat, lon }: Point) => ({ time, lat, lon });

const inOrder = (points: readonly Point[]): Point[] => [...points].sort((a, b) => a.time - b.time);

/** Two lists in order of time as one. Of two points of one moment the known one stays, as the server keeps them. */
function merged(known: readonly Point[], fresh: readonly Point[]): Point[] {
  const all: Point[] = [];
  let next = 0;
  for (const point of fresh) {
    for (let each = known[next]; each !== undefined && each.time <= point.time; each = known[++next]) all.push(each);
    if (all.at(-1)?.time !== point.time) all.push(point);
  }
  return all.concat(known.slice(next));
}

/** The points of one ride in order of time, in whatever order they come. */
export class Track {
  private list: Point[] = [];

  get points(): readonly Point[] {
    return this.list;
  }

  get span(): Span | undefined {
    const [first] = this.list;
    const last = this.list.at(-1);
    return first && last && { from: first.time, to: last.time };
  }

  /** Takes points in; one that is known already changes nothing. */
  add(points: readonly Point[]): void {
    this.list = merged(this.list, inOrder(points));
  }

  /** Puts these points in the place of all from a moment on (epoch ms). */
  replaceFrom(from: number, points: readonly Point[]): void {
    this.list = this.list.slice(0, this.after(from - 1));
    this.add(points);
  }

  /** @returns where the device was at a moment (epoch ms); before and after the track, its ends */
  at(time: number): Moment | undefined {
    const index = this.after(time);
    const from = this.list[Math.max(0, index - 1)];
    const to = this.list[Math.min(index, this.list.length - 1)];
    if (!from || !to) return undefined;
    const part = to.time > from.time ? Math.min(1, Math.max(0, (time - from.time) / (to.time - from.time))) : 0;
    const { lat, lon } = placeAt(placed(from), placed(to), from.time + part * (to.time - from.time));
    const gap = isGap(from, to);
    return {
      at: to === from ? [from.lon, from.lat] : [lon, lat],
      speed: gap ? undefined : (mixed(from.speed, to.speed, part) ?? this.stepAround(index)),
      altitude: gap ? undefined : mixed(from.altitude, to.altitude, part),
      gap,
    };
  }

  /** The speed of the step that leads to the point at `index`, or of the last one. */
  private stepAround(index: number): number | undefined {
    const end = Math.min(Math.max(index, 1), this.list.length - 1);
    const [from, to] = [this.list[end - 1], this.list[end]];
    return from && to && stepSpeed(from, to);
  }

  /** The number of points up to a moment, it included. */
  private after(time: number): number {
    let [low, high] = [0, this.list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.list[middle]?.time ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
