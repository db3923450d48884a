import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toWgs84 } from '../../lambdas/geo/datum';
import { distance, type LatLon } from '../../lambdas/geo/distance';

const rows = (name: string) =>
  readFileSync(join(__dirname, '../fixtures/gcj02', name), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

const place = (lat: string | undefined, lon: string | undefined): LatLon => ({ lat: Number(lat), lon: Number(lon) });

test('332 cities come back from both datums within a metre', () => {
  const cities = rows('gcoord-cities.csv');
  expect(cities).toHaveLength(332);
  for (const [wgsLon, wgsLat, gcjLon, gcjLat, bdLon, bdLat] of cities) {
    const wgs = place(wgsLat, wgsLon);
    expect(distance(toWgs84(place(gcjLat, gcjLon), 'gcj02'), wgs)).toBeLessThan(1);
    expect(distance(toWgs84(place(bdLat, bdLon), 'bd09'), wgs)).toBeLessThan(1);
  }
});

test('the published pairs come back within a centimetre or two', () => {
  for (const [, wgsLat, wgsLon, gcjLat, gcjLon] of rows('eviltransform.csv')) {
    expect(distance(toWgs84(place(gcjLat, gcjLon), 'gcj02'), place(wgsLat, wgsLon))).toBeLessThan(0.02);
  }
});

test('outside China nothing is shifted', () => {
  const porto = { lat: 41.1496, lon: -8.6109 };
  expect(toWgs84(porto, 'gcj02')).toEqual(porto);
  expect(toWgs84(porto, 'bd09')).toEqual(porto);
});
