import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { z } from 'zod';
import { distance } from '../lambdas/geo/distance';
import { readDataset } from '../replay/datasets';

const root = join(__dirname, '..');

const featureSchema = z.looseObject({
  properties: z.looseObject({ slug: z.string(), name: z.string() }),
  geometry: z.looseObject({ coordinates: z.array(z.unknown()) }),
});
const collectionSchema = z.looseObject({ features: z.array(featureSchema) });
const ring = z.array(z.tuple([z.number(), z.number()]));

/** Every ring of a Polygon or MultiPolygon. */
function rings(coordinates: unknown[]): [number, number][][] {
  const parsed = ring.safeParse(coordinates);
  return parsed.success ? [parsed.data] : coordinates.flatMap((inner) => rings(z.array(z.unknown()).parse(inner)));
}

function centre(coordinates: unknown[]): [number, number] {
  const points = rings(coordinates).sort((a, b) => b.length - a.length)[0] ?? [];
  const sum = points.reduce(([x, y], [lon, lat]): [number, number] => [x + lon, y + lat], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

async function writeCities(assets: string): Promise<void> {
  const files = ['cities', 'porto'].map((name) => readFile(join(root, 'data/regions', `${name}.geojson`), 'utf8'));
  const features = (await Promise.all(files)).flatMap((text) => collectionSchema.parse(JSON.parse(text)).features);
  const places = features.map(({ properties: { slug, name }, geometry }) => ({
    slug,
    name,
    at: centre(geometry.coordinates),
  }));
  await writeFile(join(assets, 'cities.json'), JSON.stringify({ type: 'FeatureCollection', features }));
  await writeFile(join(assets, 'places.json'), JSON.stringify(places));
}

/** Steps of more than this (m) in 15 s are lost samples, not streets. */
const LONGEST_STEP = 600;

/** Porto's streets as its taxis drew them: every trip as a line, cut where samples were lost. */
async function writeStreets(assets: string): Promise<void> {
  const lines = new Map<string, { last: [number, number]; parts: [number, number][][] }>();
  for (const { task, point } of await readDataset('porto')) {
    const at: [number, number] = [Number(point.lon.toFixed(5)), Number(point.lat.toFixed(5))];
    const line = lines.get(task) ?? { last: at, parts: [[]] };
    const [lon, lat] = line.last;
    if (distance({ lat, lon }, point) > LONGEST_STEP) line.parts.push([]);
    line.parts.at(-1)?.push(at);
    lines.set(task, { ...line, last: at });
  }
  const coordinates = [...lines.values()].flatMap(({ parts }) => parts).filter((part) => part.length > 1);
  const geometry = { type: 'MultiLineString', coordinates };
  await writeFile(join(assets, 'streets.json'), JSON.stringify({ type: 'Feature', properties: {}, geometry }));
}

/** Builds the console into the folder named, or dist/web, with its map's data beside it. */
async function main(outDir = join(root, 'dist/web')): Promise<void> {
  const assets = await mkdtemp(join(tmpdir(), 'waystream-web-'));
  try {
    await Promise.all([writeCities(assets), writeStreets(assets)]);
    await build({
      configFile: false,
      root: join(root, 'web'),
      publicDir: assets,
      base: './',
      logLevel: 'warn',
      worker: { format: 'es' },
      build: {
        modulePreload: { polyfill: false },
        outDir,
        emptyOutDir: true,
        chunkSizeWarningLimit: 2_000,
        rolldownOptions: { input: ['index.html', 'ride.html'].map((page) => join(root, 'web', page)) },
      },
    });
  } finally {
    await rm(assets, { recursive: true });
  }
}

void main(process.argv[2]);
