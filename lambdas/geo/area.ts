import { distance, EARTH_RADIUS, type LatLon } from './distance';

/** A box in degrees, edges included; `west` > `east` crosses the antimeridian. */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

export interface Circle extends LatLon {
  /** Metres. */
  radius: number;
}

/** Corners in order, not closed; edges are straight in latitude and longitude. */
export type Polygon = readonly LatLon[];

/** Whether a longitude lies between two others, going east. */
const between = (lon: number, west: number, east: number) =>
  west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;

/** @returns whether the box has the point, edges included */
export const inBox = ({ lat, lon }: LatLon, box: Box): boolean =>
  lat >= box.south && lat <= box.north && between(lon, box.west, box.east);

/** @returns whether the point is at most `radius` metres from the centre */
export const inCircle = (point: LatLon, circle: Circle): boolean => distance(point, circle) <= circle.radius;

/** @returns a longitude within 180° of `reference`, so that figures across the antimeridian hang together */
const near = (lon: number, reference: number) => {
  if (lon - reference > 180) return lon - 360;
  return reference - lon > 180 ? lon + 360 : lon;
};

/**
 * Whether the polygon has the point, by the even-odd rule; points on an edge may fall either way. The polygon may
 * cross the antimeridian as long as it spans less than 180° of longitude.
 * Source: ray casting, Shimrat, "Algorithm 112", CACM 5 (1962).
 */
export function inPolygon(point: LatLon, polygon: Polygon): boolean {
  const reference = polygon[0]?.lon ?? 0;
  const x = near(point.lon, reference);
  let inside = false;
  let previous = polygon.at(-1);
  for (const corner of polygon) {
    if (previous !== undefined && corner.lat > point.lat !== previous.lat > point.lat) {
      const [x1, x2] = [near(corner.lon, reference), near(previous.lon, reference)];
      if (x < x1 + ((point.lat - corner.lat) / (previous.lat - corner.lat)) * (x2 - x1)) inside = !inside;
    }
    previous = corner;
  }
  return inside;
}

/** @returns a longitude between -180° and 180° */
const wrap = (lon: number) => (lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon);

/**
 * The smallest box around a circle; all longitudes where it holds a pole.
 * Source: Bronshtein & Semendyayev, tangent meridians: sin Δλ = sin r / cos φ.
 */
export function boxAroundCircle({ lat, lon, radius }: Circle): Box {
  const angle = (radius / EARTH_RADIUS) * (180 / Math.PI);
  // A hair wider, so that rounding never leaves out a point on the rim.
  const reach = angle * (1 + 1e-9) + 1e-9;
  const [south, north] = [lat - reach, lat + reach];
  if (south <= -90 || north >= 90) {
    return { west: -180, south: Math.max(south, -90), east: 180, north: Math.min(north, 90) };
  }
  const spread =
    Math.asin(Math.sin((reach * Math.PI) / 180) / Math.cos((lat * Math.PI) / 180)) * (180 / Math.PI) + 1e-9;
  return { west: wrap(lon - spread), south, east: wrap(lon + spread), north };
}

/** The smallest box around a polygon; see `inPolygon` for the antimeridian. */
export function boxAroundPolygon(polygon: Polygon): Box {
  const reference = polygon[0]?.lon ?? 0;
  const lons = polygon.map((corner) => near(corner.lon, reference));
  const lats = polygon.map((corner) => corner.lat);
  return {
    west: wrap(Math.min(...lons)),
    south: Math.min(...lats),
    east: wrap(Math.max(...lons)),
    north: Math.max(...lats),
  };
}

const crosses = (box: Box): boolean => box.west > box.east;

/** @returns whether two boxes touch */
export function boxesMeet(a: Box, b: Box): boolean {
  if (a.south > b.north || b.south > a.north) return false;
  if (crosses(a) && crosses(b)) return true;
  const corner = (box: Box) => ({ lat: box.south, lon: box.west });
  const flat = (box: Box, other: Box) => inBox(corner(box), { ...other, south: -90, north: 90 });
  return flat(a, b) || flat(b, a);
}
