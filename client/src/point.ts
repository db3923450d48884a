/** A position as a source tells it and the API takes it. */
export interface Point {
  /** When the device was there: epoch milliseconds, UTC. */
  time: number;
  /** WGS-84 degrees, unless the tracker says otherwise. */
  lat: number;
  lon: number;
  /** Radius of uncertainty in metres. */
  accuracy?: number;
  /** Speed over ground in m/s. */
  speed?: number;
  /** Degrees clockwise from north. */
  heading?: number;
  /** Height above the ellipsoid in metres. */
  altitude?: number;
  /** At most 16, together at most 512 bytes as JSON. */
  attributes?: Record<string, string | number | boolean>;
}

/** A place in degrees. */
export type Place = Pick<Point, 'lat' | 'lon'>;

const RADIANS = Math.PI / 180;
/** Mean radius of the WGS-84 ellipsoid in metres (IUGG). */
const EARTH_RADIUS = 6_371_008.8;

/** @returns how far east and north `to` lies of `from` (m), on the plane that touches there: good for some kilometres */
export function offsetMetres(from: Place, to: Place): { east: number; north: number } {
  const turned = to.lon - from.lon;
  const lon = turned > 180 ? turned - 360 : turned < -180 ? turned + 360 : turned;
  const east = lon * RADIANS * EARTH_RADIUS * Math.cos(((from.lat + to.lat) / 2) * RADIANS);
  return { east, north: (to.lat - from.lat) * RADIANS * EARTH_RADIUS };
}

/** @returns metres between two places that are near each other */
export function metresBetween(from: Place, to: Place): number {
  const { east, north } = offsetMetres(from, to);
  return Math.hypot(east, north);
}

/** @returns where something is at `time` that drives evenly from one point to the other, and on */
export function placeAt(from: Point, to: Point, time: number): Place {
  const part = to.time === from.time ? 1 : (time - from.time) / (to.time - from.time);
  const turned = to.lon - from.lon;
  const lon = turned > 180 ? turned - 360 : turned < -180 ? turned + 360 : turned;
  return { lat: from.lat + (to.lat - from.lat) * part, lon: wrapped(from.lon + lon * part) };
}

const wrapped = (lon: number): number => (lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon);

const rounded = (value: number, parts: number): number => Math.round(value * parts) / parts;
const figures = { accuracy: 10, speed: 10, heading: 1, altitude: 10 } as const;
const names = ['accuracy', 'speed', 'heading', 'altitude'] as const;

/** @returns the point without digits that no receiver has: places to 11 cm, headings to a degree, all else to a tenth */
export function compact(point: Point): Point {
  const short: Point = { ...point, lat: rounded(point.lat, 1e6), lon: rounded(point.lon, 1e6) };
  for (const name of names) {
    const value = point[name];
    if (value !== undefined) short[name] = rounded(value, figures[name]);
  }
  return short;
}
