import fc from 'fast-check';
import {
  type Box,
  boxAroundCircle,
  boxAroundPolygon,
  boxesMeet,
  inBox,
  inCircle,
  inPolygon,
} from '../../lambdas/geo/area';
import { anyPlace } from './arbitraries';

const anyBox = fc
  .tuple(anyPlace, anyPlace)
  .map(([a, b]): Box => ({ west: a.lon, east: b.lon, south: Math.min(a.lat, b.lat), north: Math.max(a.lat, b.lat) }));

test('a box across the antimeridian holds what is east of its west and west of its east', () => {
  const box = { west: 170, south: -10, east: -170, north: 10 };
  expect(inBox({ lat: 0, lon: 175 }, box)).toBe(true);
  expect(inBox({ lat: 0, lon: -180 }, box)).toBe(true);
  expect(inBox({ lat: 0, lon: 0 }, box)).toBe(false);
  expect(inBox({ lat: 11, lon: 175 }, box)).toBe(false);
});

test('a place in two boxes shows that they meet, and boxes that meet share a corner line', () => {
  fc.assert(
    fc.property(anyBox, anyBox, anyPlace, (a, b, place) => {
      if (inBox(place, a) && inBox(place, b)) expect(boxesMeet(a, b)).toBe(true);
      // Where boxes meet, one of the four west/south edges' crossings lies in both.
      const shared = [a.west, b.west].flatMap((lon) =>
        [a.south, b.south].map((lat) => inBox({ lat, lon }, a) && inBox({ lat, lon }, b)),
      );
      expect(boxesMeet(a, b)).toBe(shared.includes(true));
    }),
    { numRuns: 3_000 },
  );
});

test('the box around a circle holds every place of it, poles and antimeridian included', () => {
  const circle = fc.tuple(anyPlace, fc.double({ min: 1, max: 2_000_000, noNaN: true }));
  const bearing = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });
  fc.assert(
    fc.property(circle, bearing, fc.double({ min: 0, max: 1, noNaN: true }), ([centre, radius], angle, share) => {
      // The destination of a great circle. Source: Williams, "Aviation Formulary".
      const [φ, λ, δ] = [(centre.lat * Math.PI) / 180, (centre.lon * Math.PI) / 180, (radius * share) / 6_371_008.8];
      const lat = Math.asin(Math.sin(φ) * Math.cos(δ) + Math.cos(φ) * Math.sin(δ) * Math.cos(angle));
      const lon =
        λ + Math.atan2(Math.sin(angle) * Math.sin(δ) * Math.cos(φ), Math.cos(δ) - Math.sin(φ) * Math.sin(lat));
      const degrees = (lon * 180) / Math.PI;
      const place = { lat: (lat * 180) / Math.PI, lon: degrees - 360 * Math.round(degrees / 360) };
      if (inCircle(place, { ...centre, radius }))
        expect(inBox(place, boxAroundCircle({ ...centre, radius }))).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test('a triangle holds what lies on the inner side of its three edges, also across the antimeridian', () => {
  const shift = (lon: number) => (lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon);
  const corner = fc.record({ lat: fc.integer({ min: -40, max: 40 }), lon: fc.integer({ min: -40, max: 40 }) });
  const place = fc.record({
    lat: fc.double({ min: -40, max: 40, noNaN: true }),
    lon: fc.double({ min: -40, max: 40, noNaN: true }),
  });
  fc.assert(
    fc.property(corner, corner, corner, place, fc.constantFrom(0, 180, -170), (a, b, c, p, around) => {
      const side = (from: typeof a, to: typeof a) =>
        (to.lon - from.lon) * (p.lat - from.lat) - (to.lat - from.lat) * (p.lon - from.lon);
      const sides = [side(a, b), side(b, c), side(c, a)];
      fc.pre(sides.every((figure) => Math.abs(figure) > 1e-3));
      const inside = sides.every((figure) => figure > 0) || sides.every((figure) => figure < 0);
      const moved = [a, b, c].map(({ lat, lon }) => ({ lat, lon: shift(lon + around) }));
      const at = { lat: p.lat, lon: shift(p.lon + around) };
      expect(inPolygon(at, moved)).toBe(inside);
      if (inside) expect(inBox(at, boxAroundPolygon(moved))).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});
