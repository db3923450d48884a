import {
  type Box,
  boxAroundCircle,
  boxAroundPolygon,
  type Circle,
  inBox,
  inCircle,
  inPolygon,
  type Polygon,
} from '../geo/area';
import type { LatLon } from '../geo/distance';

/** Where a search looks. */
export type Area =
  | { kind: 'box'; box: Box }
  | { kind: 'polygon'; polygon: Polygon }
  | { kind: 'circle'; circle: Circle };

/** @returns whether the area has the place, exactly */
export function inArea(place: LatLon, area: Area): boolean {
  if (area.kind === 'box') return inBox(place, area.box);
  return area.kind === 'circle' ? inCircle(place, area.circle) : inPolygon(place, area.polygon);
}

/** @returns a box that holds the whole area */
export function boxAround(area: Area): Box {
  if (area.kind === 'box') return area.box;
  return area.kind === 'circle' ? boxAroundCircle(area.circle) : boxAroundPolygon(area.polygon);
}

/** The index keeps a coordinate in 32 bits: up to 8.4e-8 degrees beside where it is. */
const QUANTUM = 1e-6;

/** @returns the box a hair wider, so that no place of the box is out of it after rounding; never past a pole */
export function widen({ west, south, east, north }: Box): Box {
  const lats = { south: Math.max(-90, south - QUANTUM), north: Math.min(90, north + QUANTUM) };
  const width = west <= east ? east - west : east - west + 360;
  if (width + 2 * QUANTUM >= 360) return { ...lats, west: -180, east: 180 };
  const [w, e] = [west - QUANTUM, east + QUANTUM];
  return { ...lats, west: w < -180 ? w + 360 : w, east: e > 180 ? e - 360 : e };
}

/** Twice the signed area of a triangle: above 0 where `c` lies left of the way from `a` to `b`. */
const turn = (a: LatLon, b: LatLon, c: LatLon) => (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon);

const beside = (a: LatLon, b: LatLon, c: LatLon) =>
  Math.min(a.lon, b.lon) <= c.lon &&
  c.lon <= Math.max(a.lon, b.lon) &&
  Math.min(a.lat, b.lat) <= c.lat &&
  c.lat <= Math.max(a.lat, b.lat);

/** Whether two segments share a point. Source: Cormen et al., Introduction to Algorithms, SEGMENTS-INTERSECT. */
function meet(a: LatLon, b: LatLon, c: LatLon, d: LatLon): boolean {
  const [d1, d2, d3, d4] = [turn(c, d, a), turn(c, d, b), turn(a, b, c), turn(a, b, d)];
  if (d1 * d2 < 0 && d3 * d4 < 0) return true;
  return (
    (d1 === 0 && beside(c, d, a)) ||
    (d2 === 0 && beside(c, d, b)) ||
    (d3 === 0 && beside(a, b, c)) ||
    (d4 === 0 && beside(a, b, d))
  );
}

/** The corners without a repeated one, with longitudes that hang together across the antimeridian. */
function outline(polygon: Polygon): LatLon[] {
  const reference = polygon[0]?.lon ?? 0;
  const near = (lon: number) => (lon - reference > 180 ? lon - 360 : reference - lon > 180 ? lon + 360 : lon);
  return polygon.map(({ lat, lon }) => ({ lat, lon: near(lon) }));
}

/** @returns how many degrees of longitude a polygon spans, the short way round from its first corner */
export function lonSpan(polygon: Polygon): number {
  const lons = outline(polygon).map(({ lon }) => lon);
  return Math.max(...lons) - Math.min(...lons);
}

/** @returns whether no two edges touch, but for neighbours at their common corner */
export function isSimple(polygon: Polygon): boolean {
  const corners = outline(polygon);
  const n = corners.length;
  const edges = corners.map((a, i) => [a, corners[(i + 1) % n] ?? a] as const);
  return edges.every(([a, b], i) =>
    edges.slice(i + 1).every(([c, d], offset) => {
      const j = i + 1 + offset;
      if (j === i + 1) return turn(a, b, d) !== 0 || !folds(a, b, d);
      if (i === 0 && j === n - 1) return turn(c, d, b) !== 0 || !folds(c, d, b);
      return !meet(a, b, c, d);
    }),
  );
}

/** Whether the way a → b → c, known to be straight, turns back on itself. */
const folds = (a: LatLon, b: LatLon, c: LatLon) =>
  (b.lon - a.lon) * (c.lon - b.lon) + (b.lat - a.lat) * (c.lat - b.lat) <= 0;
