import fc from 'fast-check';
import { toCsv } from '../../../lambdas/tracks/csv';
import type { TrackPoint } from '../../../lambdas/tracks/decide';
import { toGeoJson } from '../../../lambdas/tracks/geojson';
import { toGpx } from '../../../lambdas/tracks/gpx';
import { fileName, joinPages, nextOf } from '../../../web/ride/file-pages';

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const pointsArbitrary = fc
  .array(
    fc.record({
      speed: optional(fc.integer({ min: 0, max: 50 })),
      altitude: optional(fc.integer({ min: 0, max: 900 })),
      attributes: optional(fc.constant({ note: '</trkseg>, "quoted"' })),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((list) =>
    list.map(
      ({ speed, altitude, attributes }, index): TrackPoint => ({
        task: 'ride',
        time: 1_372_667_894_000 + index * 15_000,
        lat: 41.15,
        lon: -8.6 + index / 1_000,
        ...(speed !== undefined && { speed }),
        ...(altitude !== undefined && { altitude }),
        ...(attributes !== undefined && { attributes }),
      }),
    ),
  );
const sizeArbitrary = fc.integer({ min: 1, max: 7 });

const pagesOf = (points: TrackPoint[], size: number): TrackPoint[][] =>
  points.flatMap((_, index) => (index % size === 0 ? [points.slice(index, index + size)] : []));

test.each([
  ['gpx', toGpx, (text: string) => text.replaceAll('\n', '')],
  ['csv', toCsv, (text: string) => text],
  ['geojson', (points: TrackPoint[]) => toGeoJson('car', { points }, undefined), (text: string) => JSON.parse(text)],
] as const)('pages of %s join to what one page of all would be', (format, toPage, read) => {
  fc.assert(
    fc.property(pointsArbitrary, sizeArbitrary, (points, size) => {
      const joined = joinPages(format, pagesOf(points, size).map(toPage));
      expect(read(joined)).toEqual(read(toPage(points)));
    }),
  );
});

test.each([
  [null, undefined],
  ['', undefined],
  ['<?format=gpx&cursor=abc_-1>; rel="next"', 'abc_-1'],
  ['<?cursor=a>; rel="prev", <?cursor=b>; rel="next"', 'b'],
  ['<?format=gpx>; rel="next"', undefined],
])('the next page of %j is at %j', (link, expected) => {
  expect(nextOf(link)).toBe(expected);
});

test('names of files are of characters that every system takes', () => {
  expect(fileName('taxi:1', 'trip-7', 'raw', 'gpx')).toBe('taxi_1-trip-7.gpx');
  expect(fileName('taxi', '2026-07-01', 'corrected', 'csv')).toBe('taxi-2026-07-01-corrected.csv');
});
