import fc from 'fast-check';
import { distance, EARTH_RADIUS, type LatLon } from '../../lambdas/geo/distance';
import { anyPlace } from './arbitraries';

/** The angle between two unit vectors: too simple to be wrong, too coarse for short distances. */
function byVectors(a: LatLon, b: LatLon): number {
  const vector = ({ lat, lon }: LatLon) => {
    const [φ, λ] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
    return [Math.cos(φ) * Math.cos(λ), Math.cos(φ) * Math.sin(λ), Math.sin(φ)] as const;
  };
  const [u, v] = [vector(a), vector(b)];
  const cross = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]] as const;
  return EARTH_RADIUS * Math.atan2(Math.hypot(...cross), u[0] * v[0] + u[1] * v[1] + u[2] * v[2]);
}

test('distances equal the angle between vectors, anywhere on the sphere', () => {
  fc.assert(
    fc.property(anyPlace, anyPlace, (a, b) => {
      expect(Math.abs(distance(a, b) - byVectors(a, b))).toBeLessThan(0.2);
    }),
    { numRuns: 2_000 },
  );
});

test('a degree of the equator measures 111.195 km', () => {
  expect(distance({ lat: 0, lon: 179.5 }, { lat: 0, lon: -179.5 })).toBeCloseTo(111_195.08, 2);
});
