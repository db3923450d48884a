import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { inPolygon } from '../../lambdas/geo/area';
import { cityOutlines } from '../../lambdas/geo/outlines.generated';
import { regionOf } from '../../lambdas/geo/region';

const ring = z.array(z.tuple([z.number(), z.number()]));
const geojson = z.object({
  features: z.array(
    z.object({
      properties: z.object({ slug: z.string() }),
      geometry: z.discriminatedUnion('type', [
        z.object({ type: z.literal('Polygon'), coordinates: z.array(ring) }),
        z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ring)) }),
      ]),
    }),
  ),
});

const cities = ['cities.geojson', 'porto.geojson'].flatMap(
  (name) => geojson.parse(JSON.parse(readFileSync(join(__dirname, '../../data/regions', name), 'utf8'))).features,
);

test.each([
  ['Praça da Ribeira', 41.1405, -8.6132, 'porto', 'Europe/Lisbon'],
  ['the airport of Porto', 41.2371, -8.6705, 'porto', 'Europe/Lisbon'],
  ['the Capitol of Texas', 30.2747, -97.7404, 'austin', 'America/Chicago'],
  ['Grand Central', 40.7527, -73.9772, 'new-york', 'America/New_York'],
  ['Puerta del Sol', 40.4169, -3.7035, 'madrid', 'Europe/Madrid'],
  ['Zürich’s main station', 47.3779, 8.5403, 'zurich', 'Europe/Zurich'],
  ['Sydney’s town hall', -33.8732, 151.2061, 'sydney', 'Australia/Sydney'],
  ['Lisbon, which is not bundled', 38.7223, -9.1393, 'gh-ey', 'UTC'],
  ['the south pole', -90, 10, 'gh-h0', 'UTC'],
])('%s is in its region', (_, lat, lon, city, timeZone) => {
  expect(regionOf(lat, lon)).toEqual({ city, timeZone });
});

test('packed outlines agree with the source but for places within 30 m of an edge', () => {
  let [asked, differing] = [0, 0];
  for (const { properties, geometry } of cities) {
    const rings = (geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat()).map((corners) =>
      corners.map(([lon, lat]) => ({ lat, lon })),
    );
    const corners = rings.flat();
    const [south, north] = [Math.min(...corners.map(({ lat }) => lat)), Math.max(...corners.map(({ lat }) => lat))];
    const [west, east] = [Math.min(...corners.map(({ lon }) => lon)), Math.max(...corners.map(({ lon }) => lon))];
    for (let i = 0; i < 400; i++) {
      // A low-discrepancy grid. Source: Roberts, the R2 sequence.
      const place = {
        lat: south + ((i * 0.7548776662) % 1) * (north - south),
        lon: west + ((i * 0.569840291) % 1) * (east - west),
      };
      const inside = rings.filter((corner) => inPolygon(place, corner)).length % 2 === 1;
      const slug = properties.slug.replace(/-(city-boroughs|districts|city)$/, '');
      asked += 1;
      if (inside !== (regionOf(place.lat, place.lon).city === slug)) differing += 1;
    }
  }
  expect(asked).toBe(cities.length * 400);
  expect(differing / asked).toBeLessThan(0.002);
});

test('every city has a time zone that the runtime knows, and a slug', () => {
  for (const { city, timeZone } of cityOutlines) {
    expect(city).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(() => new Intl.DateTimeFormat('en', { timeZone })).not.toThrow();
  }
});
