import type { Position } from '../contract/position';
import { EARTH_RADIUS } from '../geo/distance';

/** What is wrong with a fix as such; where it lies says nothing about where the device was. */
export type Flaw = 'spike' | 'frozen';

/** A raw point on the plane of its window. */
export interface Sample {
  point: Position;
  /** Seconds since the window's first point. */
  t: number;
  /** Metres east and north of the window's first point. */
  x: number;
  y: number;
  /** Standard deviation relative to the window's other points: from the accuracy that the device told. */
  weight: number;
  flaw?: Flaw;
  /** The device did not come here from the sample before: what lies before says nothing about it. */
  breaks?: boolean;
}

const RADIANS = Math.PI / 180;
const METRES_PER_DEGREE = EARTH_RADIUS * RADIANS;

/** A plane that touches the sphere at a place: true to a thousandth within 50 km, away from the poles. */
export interface Plane {
  toPlane(place: { lat: number; lon: number }): { x: number; y: number };
  toSphere(x: number, y: number): { lat: number; lon: number };
}

const wrap = (degrees: number) => degrees - 360 * Math.round(degrees / 360);
const rounded = (degrees: number) => Math.round(degrees * 1e7) / 1e7;

/** @param origin where the plane touches; the antimeridian is no edge of it */
export function planeAt(origin: { lat: number; lon: number }): Plane {
  const east = METRES_PER_DEGREE * Math.max(1e-6, Math.cos(origin.lat * RADIANS));
  return {
    toPlane: ({ lat, lon }) => ({ x: wrap(lon - origin.lon) * east, y: (lat - origin.lat) * METRES_PER_DEGREE }),
    toSphere: (x, y) => ({
      lat: rounded(Math.max(-90, Math.min(90, origin.lat + y / METRES_PER_DEGREE))),
      lon: rounded(wrap(origin.lon + x / east)),
    }),
  };
}

/** The middle of figures, the upper of two; undefined of none. */
export function median(figures: readonly number[]): number | undefined {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];
}

/** Limits of what an accuracy may weigh against the others': receivers tell 0 as well as kilometres. */
const LIGHTEST = 0.25;
const HEAVIEST = 20;

/** The middle accuracy that the points tell (m); undefined where none tells any. */
export function typicalAccuracy(points: readonly Position[]): number | undefined {
  return median(points.flatMap(({ accuracy }) => (accuracy === undefined || accuracy <= 0 ? [] : [accuracy])));
}

/** The points in order of time, each time once (the first that is given), on their plane. */
export function toSamples(points: readonly Position[], plane: Plane): Sample[] {
  const byTime = new Map<number, Position>();
  for (const point of points) if (!byTime.has(point.time)) byTime.set(point.time, point);
  const ordered = [...byTime.values()].sort((a, b) => a.time - b.time);
  const start = ordered[0]?.time ?? 0;
  const typical = typicalAccuracy(ordered);
  return ordered.map((point) => {
    const told = typical === undefined || point.accuracy === undefined ? 1 : point.accuracy / typical;
    const weight = Math.max(LIGHTEST, Math.min(HEAVIEST, told));
    return { point, t: (point.time - start) / 1_000, ...plane.toPlane(point), weight };
  });
}

/** Metres between two places of a plane. */
export const apart = (a: { x: number; y: number }, b: { x: number; y: number }): number =>
  Math.hypot(a.x - b.x, a.y - b.y);
