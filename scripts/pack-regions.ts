import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Packs data/regions/*.geojson into lambdas/geo/outlines.generated.ts, small enough to lie in a function's bundle. */

const zones: Record<string, string> = {
  amsterdam: 'Europe/Amsterdam',
  austin: 'America/Chicago',
  berlin: 'Europe/Berlin',
  boston: 'America/New_York',
  chicago: 'America/Chicago',
  denver: 'America/Denver',
  dublin: 'Europe/Dublin',
  hamburg: 'Europe/Berlin',
  madrid: 'Europe/Madrid',
  melbourne: 'Australia/Melbourne',
  milan: 'Europe/Rome',
  montreal: 'America/Toronto',
  'new-york': 'America/New_York',
  philadelphia: 'America/New_York',
  porto: 'Europe/Lisbon',
  prague: 'Europe/Prague',
  'san-francisco': 'America/Los_Angeles',
  seattle: 'America/Los_Angeles',
  sydney: 'Australia/Sydney',
  toronto: 'America/Toronto',
  vancouver: 'America/Vancouver',
  vienna: 'Europe/Vienna',
  zurich: 'Europe/Zurich',
};

/** Slugs of the source that name more than the city. */
const slugs: Record<string, string> = {
  'new-york-city-boroughs': 'new-york',
  'madrid-districts': 'madrid',
  'zurich-city': 'zurich',
};

const ring = z.array(z.tuple([z.number(), z.number()]));
const outlines = z.object({
  features: z.array(
    z.object({
      properties: z.object({ slug: z.string(), name: z.string() }),
      geometry: z.discriminatedUnion('type', [
        z.object({ type: z.literal('Polygon'), coordinates: z.array(ring) }),
        z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ring)) }),
      ]),
    }),
  ),
});
type Feature = z.infer<typeof outlines>['features'][number];

/** Ten-thousandths of a degree: 11 m at most. */
const PRECISION = 1e4;

/** One signed figure. Source: Google Maps platform, "Encoded polyline algorithm format". */
function encode(figure: number): string {
  let rest = figure < 0 ? -2 * figure - 1 : 2 * figure;
  let text = '';
  for (; rest >= 32; rest = Math.floor(rest / 32)) text += String.fromCharCode((rest % 32) + 32 + 63);
  return text + String.fromCharCode(rest + 63);
}

/** A ring as an encoded polyline, not closed, without corners that fall together. */
function encodeRing(corners: z.infer<typeof ring>): string {
  let [lastLat, lastLon] = [0, 0];
  let text = '';
  for (const [lon, lat] of corners.slice(0, -1)) {
    const [nextLat, nextLon] = [Math.round(lat * PRECISION), Math.round(lon * PRECISION)];
    if (nextLat === lastLat && nextLon === lastLon) continue;
    text += encode(nextLat - lastLat) + encode(nextLon - lastLon);
    [lastLat, lastLon] = [nextLat, nextLon];
  }
  return text;
}

function pack({ properties, geometry }: Feature): [string, object] {
  const city = slugs[properties.slug] ?? properties.slug;
  const timeZone = zones[city];
  if (timeZone === undefined) throw new Error(`${city} has no time zone here`);
  const rings = geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat();
  return [city, { city, name: properties.name, timeZone, rings: rings.map(encodeRing) }];
}

const root = join(__dirname, '..');
const read = (name: string) =>
  outlines.parse(JSON.parse(readFileSync(join(root, 'data/regions', name), 'utf8'))).features;
const packed = [...read('cities.geojson'), ...read('porto.geojson')].map(pack).sort(([a], [b]) => (a < b ? -1 : 1));
const header = `// Made by scripts/pack-regions.ts out of data/regions; see the sources and licences there.
/** A city: its rings are encoded polylines in ten-thousandths of a degree, outer and inner alike (even-odd rule). */
export interface CityOutline {
  city: string;
  name: string;
  timeZone: string;
  rings: readonly string[];
}
`;
const rows = packed.map(([, city]) => `  ${JSON.stringify(city)},\n`).join('');
writeFileSync(
  join(root, 'lambdas/geo/outlines.generated.ts'),
  `${header}export const cityOutlines: readonly CityOutline[] = [\n${rows}];\n`,
);
