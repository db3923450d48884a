import fc from 'fast-check';
import type { Point } from '../../../lambdas/contract/position';
import { colouredLines, stepSpeeds, unwrapped } from '../../../web/ride/lines';

const at = (seconds: number, speed?: number, lon = -8.6 + seconds * 1e-5): Point => ({
  time: seconds * 1_000,
  lat: 41,
  lon,
  ...(speed !== undefined && { speed }),
});
const shape = (points: Point[]) =>
  colouredLines(points, { step: 10 }).features.map(({ properties, geometry }) => [
    properties?.gap ? 'gap' : properties?.speed,
    geometry.type === 'LineString' ? geometry.coordinates.length : 0,
  ]);

test('steps of the same class are one line, and each line begins where the last ends', () => {
  expect(shape([at(0), at(1, 1), at(2, 1), at(3, 5), at(4, 1)])).toEqual([
    [0, 3],
    [1, 2],
    [0, 2],
  ]);
});

test('a step over more than three minutes is a gap', () => {
  expect(shape([at(0), at(1, 1), at(300, 1), at(301, 1)])).toEqual([
    [0, 2],
    ['gap', 2],
    [0, 2],
  ]);
});

test('nothing is drawn of no point or one', () => {
  expect(shape([])).toEqual([]);
  expect(shape([at(0)])).toEqual([]);
});

test('every step is drawn once, in order', () => {
  const speeds = fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(speeds, (list) => {
      const points = list.map((speed, index) => at(index, speed));
      const steps = colouredLines(points, { step: 20 }).features.flatMap(({ geometry }) => {
        const line = geometry.type === 'LineString' ? geometry.coordinates : [];
        return line.slice(1).map((end, index) => [line[index]?.[0], end[0]]);
      });
      expect(steps).toEqual(points.slice(1).map((point, index) => [points[index]?.lon, point.lon]));
    }),
  );
});

test('a way over the antimeridian never runs round the world', () => {
  const lons = unwrapped([at(0, 1, 179), at(1, 1, -179), at(2, 1, 179.5), at(3, 1, -178)]).map(([lon]) => lon);
  expect(lons).toEqual([179, 181, 179.5, 182]);
});

test('speeds that are not known are left out', () => {
  expect(stepSpeeds([at(0), at(1, 3), at(400, 5), at(401, 0)])).toEqual([3, 0]);
});
