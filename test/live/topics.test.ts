import fc from 'fast-check';
import { limits } from '../../lambdas/contract/limits';
import { type Box, inBox } from '../../lambdas/geo/area';
import { topicsAt, topicsOf, viewportLevel, viewportLevels } from '../../lambdas/live/topics';

const lon = fc.double({ min: -180, max: 180, noNaN: true });
const lat = fc.double({ min: -90, max: 90, noNaN: true });
/** Of all sizes: a street's as often as a continent's; some cross the antimeridian, some reach a pole. */
const box = fc
  .record({
    lon,
    lat,
    width: fc.double({ min: -5, max: 2.5, noNaN: true }),
    height: fc.double({ min: -5, max: 2, noNaN: true }),
  })
  .map(({ lon, lat, width, height }): Box => {
    const east = lon + Math.min(360, 10 ** width);
    return {
      west: lon,
      south: lat,
      east: east > 180 ? Math.max(-180, east - 360) : east,
      north: Math.min(90, lat + 10 ** height),
    };
  });
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** A place in the box, by shares of its width and height. */
function placeIn({ west, south, east, north }: Box, x: number, y: number) {
  const width = west <= east ? east - west : 360 - west + east;
  const lon = west + x * width;
  return { lat: south + y * (north - south), lon: lon > 180 ? lon - 360 : lon };
}
const every = new Set<number>([0, ...viewportLevels]);

test('every place of a viewport is in the cell of one of its topics', () => {
  fc.assert(
    fc.property(box, share, share, (viewport, x, y) => {
      const place = placeIn(viewport, x, y);
      fc.pre(inBox(place, viewport));
      const { topics } = topicsOf(viewport);
      const touched = topicsAt('d', [place], every);
      expect(topics.some((topic) => touched.has(topic))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('a viewport has at least one topic and no more than the limit, none twice', () => {
  fc.assert(
    fc.property(box, (viewport) => {
      const { topics } = topicsOf(viewport);
      expect(topics.length).toBeGreaterThan(0);
      expect(topics.length).toBeLessThanOrEqual(limits.cellsPerViewport);
      expect(new Set(topics).size).toBe(topics.length);
    }),
    { numRuns: 2_000 },
  );
});

test.each<[string, Box, number]>([
  ['the whole world', { west: -180, south: -90, east: 180, north: 90 }, 3],
  ['a country', { west: -9.5, south: 36.9, east: -6.2, north: 42.2 }, 7],
  ['a city', { west: -8.66, south: 41.13, east: -8.57, north: 41.18 }, 13],
  ['a street', { west: -8.612, south: 41.149, east: -8.61, north: 41.15 }, 15],
  ['a strip across the antimeridian', { west: 179.99, south: -17, east: -179.99, north: -16.99 }, 15],
])('the finest level that the limit allows: %s', (_, viewport, level) => {
  expect(viewportLevel(viewport)).toBe(level);
});

test('levels without subscribers are not looked up', () => {
  const place = { lat: 41.15, lon: -8.61 };
  expect(topicsAt('taxi', [place], new Set())).toEqual(new Set());
  expect(topicsAt('taxi', [place], new Set([0]))).toEqual(new Set(['device:taxi']));
  expect([...topicsAt('taxi', [place, place], new Set([3]))]).toHaveLength(1);
});
