import { z } from 'zod';

export const fileFormats = ['gpx', 'geojson', 'csv'] as const;
export type FileFormat = (typeof fileFormats)[number];

export const fileTypes: Record<FileFormat, string> = {
  gpx: 'application/gpx+xml',
  geojson: 'application/geo+json',
  csv: 'text/csv',
};

/** @returns the cursor of the next page out of a Link header (RFC 8288); undefined where there is none */
export function nextOf(link: string | null): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1];
  return (target && new URL(target, 'http://localhost').searchParams.get('cursor')) || undefined;
}

const GPX_END = '</trkseg></trk></gpx>';

/** The track points of one page of GPX, as text: the API writes one segment a page. */
function gpxPoints(page: string): string {
  const start = page.indexOf('<trkseg>');
  const end = page.lastIndexOf('</trkseg>');
  return start < 0 || end < start ? '' : page.slice(start + '<trkseg>'.length, end);
}

/** One segment of all pages: a segment that ends means that the receiver lost its way, and a page means no such thing. */
function joinGpx([first = '', ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  const head = first.slice(0, first.lastIndexOf('</trkseg>'));
  return `${[head, ...others.map(gpxPoints)].join('\n')}${GPX_END}\n`;
}

/** All pages have the same header. */
const joinCsv = ([first = '', ...others]: readonly string[]): string =>
  [first, ...others.map((page) => page.slice(page.indexOf('\n') + 1))]
    .map((page) => (page === '' || page.endsWith('\n') ? page : `${page}\n`))
    .join('');

const coordinates = z.array(z.number());
const pageSchema = z.object({
  features: z.array(
    z.object({
      geometry: z.union([
        z.object({ type: z.literal('Point'), coordinates }).transform((point) => [point.coordinates]),
        z
          .object({ type: z.literal('LineString'), coordinates: z.array(coordinates) })
          .transform((line) => line.coordinates),
      ]),
      properties: z.record(z.string(), z.unknown()),
    }),
  ),
});

type Piece = z.infer<typeof pageSchema>['features'][number];

/** A list that goes along with the coordinates over all pieces; a piece that has none of it has `null` so often. */
function column(pieces: readonly Piece[], name: string): unknown[] {
  return pieces.flatMap(({ geometry, properties: { [name]: values } }) =>
    Array.isArray(values) ? values : geometry.map(() => null),
  );
}

function joinGeoJson(pages: readonly string[]): string {
  const pieces = pages.flatMap((page) => pageSchema.parse(JSON.parse(page)).features);
  const places = pieces.flatMap(({ geometry }) => geometry);
  const properties = Object.fromEntries(pieces.flatMap((piece) => Object.entries(piece.properties)));
  for (const [name, value] of Object.entries(properties)) {
    if (Array.isArray(value)) properties[name] = column(pieces, name);
  }
  const geometry =
    places.length === 1 ? { type: 'Point', coordinates: places[0] } : { type: 'LineString', coordinates: places };
  const features = pieces.length === 0 ? [] : [{ type: 'Feature', geometry, properties }];
  return JSON.stringify({ type: 'FeatureCollection', features });
}

/** @returns one file out of the pages of one track, which the API answers one by one */
export function joinPages(format: FileFormat, pages: readonly string[]): string {
  if (format === 'gpx') return joinGpx(pages);
  return format === 'csv' ? joinCsv(pages) : joinGeoJson(pages);
}

/** @returns a name for a file of a ride, of characters that every system takes */
export const fileName = (owner: string, task: string, view: string, format: FileFormat): string =>
  `${[owner, task, ...(view === 'raw' ? [] : [view])].join('-').replaceAll(/[^\w.-]/g, '_')}.${format}`;
