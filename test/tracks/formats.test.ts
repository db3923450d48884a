import Ajv from 'ajv';
import fc from 'fast-check';
import { trackPageSchema } from '../../lambdas/contract/reads';
import { toAnswer } from '../../lambdas/tracks/answer';
import { answerBytes, type TrackPoint } from '../../lambdas/tracks/decide';
import { byTask, negotiate } from '../../lambdas/tracks/formats';
import { positionAt, tasks, times } from './arbitraries';
import { parseGpx } from './gpx-reader';

const pages: fc.Arbitrary<TrackPoint[]> = fc.array(
  fc.tuple(tasks, positionAt(times)).map(([task, position]) => ({ task, ...position })),
  { maxLength: 30 },
);

const bodyOf = (format: 'json' | 'geojson' | 'gpx' | 'csv', points: TrackPoint[], next?: string) =>
  String(toAnswer(format, 'taxi-1', { points }, next, {}).body);

const grouped = (points: TrackPoint[]) => [...byTask(points).values()].flat();

test('a page in JSON is what the contract says, and nothing is lost', () => {
  fc.assert(
    fc.property(pages, (points) => {
      const page = JSON.parse(bodyOf('json', points, 'c'));
      expect(trackPageSchema.parse(page)).toEqual({ device: 'taxi-1', positions: points, next: 'c' });
    }),
  );
});

interface Feature {
  geometry: { type: string; coordinates: number[] | number[][] };
  properties: Record<string, (string | number | null)[]> & { task: string };
}

function fromFeature({ geometry, properties }: Feature): TrackPoint[] {
  const { task, coordTimes = [], ...columns } = properties;
  const coordinates = geometry.type === 'Point' ? [geometry.coordinates] : geometry.coordinates;
  return (coordinates as number[][]).map(([lon, lat, altitude], index) => {
    const own = ['accuracy', 'speed', 'heading', 'attributes'].map((name) => [name, columns[name]?.[index]]);
    const known = own.filter(([, value]) => value !== null && value !== undefined);
    const point = { task, time: Date.parse(String(coordTimes[index])), lat, lon, ...Object.fromEntries(known) };
    return altitude === undefined ? point : { ...point, altitude };
  });
}

test('a page in GeoJSON reads back as it was, task by task', () => {
  fc.assert(
    fc.property(pages, (points) => {
      const collection = JSON.parse(bodyOf('geojson', points, 'c'));
      expect(collection.features.flatMap(fromFeature)).toEqual(grouped(points));
      expect(collection).toMatchObject({ type: 'FeatureCollection', next: 'c' });
    }),
  );
});

test('a page in CSV reads back as it was, whatever the attributes hold', () => {
  fc.assert(
    fc.property(pages, (points) => {
      const [names = [], ...lines] = parseCsv(bodyOf('csv', points));
      expect(names.join()).toBe('task,time,lat,lon,altitude,speed,heading,accuracy,attributes');
      const read = lines.map((cells) => {
        const own = names.flatMap((name, at) => (cells[at] === '' ? [] : [[name, readCell(name, cells[at] ?? '')]]));
        return Object.fromEntries(own);
      });
      expect(read).toEqual(points);
    }),
  );
});

/** Cells of CSV, quoted or not. Source: RFC 4180. */
function parseCsv(text: string): string[][] {
  expect(text.endsWith('\r\n')).toBe(true);
  const lines = [...text.matchAll(/((?:"(?:[^"]|"")*"|[^"\r\n])*)\r\n/g)].map(([, line = '']) => line);
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain,
    ),
  );
}

function readCell(name: string, cell: string): unknown {
  if (name === 'task') return cell;
  if (name === 'time') return Date.parse(cell);
  return name === 'attributes' ? JSON.parse(cell) : Number(cell);
}

const position = { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 3 };
const validGeometry = new Ajv({ strictTypes: false }).compile({
  oneOf: [
    { properties: { type: { const: 'Point' }, coordinates: position } },
    { properties: { type: { const: 'LineString' }, coordinates: { type: 'array', items: position, minItems: 2 } } },
  ],
});

test('each geometry is one of RFC 7946, a lone point too', () => {
  fc.assert(
    fc.property(pages, (points) => {
      const { features } = JSON.parse(bodyOf('geojson', points));
      for (const { geometry } of features) expect(validGeometry(geometry)).toBe(true);
    }),
  );
});

test('a page in GPX reads back as it was, task by task', () => {
  fc.assert(
    fc.property(pages, (points) => {
      const read = parseGpx(bodyOf('gpx', points));
      expect(read).toEqual(grouped(points));
    }),
  );
});

test('what would be markup in GPX is escaped, and characters that XML forbids are too', () => {
  const attributes = { 'a<b>&"\'': ']]>\uffff\u0001' };
  const body = bodyOf('gpx', [{ task: 't', time: 0, lat: 1, lon: 2, attributes }]);
  expect(body).toContain('<ws:attributes>{&quot;a&lt;b&gt;&amp;\\&quot;&apos;&quot;:&quot;]]&gt;\\uffff\\u0001&quot;}');
  for (const forbidden of ['\u0001', '\uffff']) expect(body).not.toContain(forbidden);
});

test('numbers in GPX have no exponent', () => {
  const body = bodyOf('gpx', [{ task: 't', time: 0, lat: 1e-7, lon: -2e-7, altitude: 3e-9 }]);
  expect(body).toContain('<trkpt lat="0.0000001" lon="-0.0000002"><ele>0.000000003</ele>');
});

test.each([
  [undefined, 'json'],
  ['*/*', 'json'],
  ['text/html', 'json'],
  ['application/json', 'json'],
  ['application/geo+json', 'geojson'],
  ['Application/GPX+XML', 'gpx'],
  ['application/geo+json;q=0.5, application/gpx+xml;q=0.8', 'gpx'],
  ['application/gpx+xml;q=0.1, */*', 'json'],
  ['application/json;q=0, */*;q=0.1', 'geojson'],
  ['application/gpx+xml;q=0', 'json'],
  ['text/html, application/*;q=0.9', 'json'],
  ['application/geo+json;q=nonsense', 'json'],
  ['text/csv', 'csv'],
  ['text/*;q=0.5', 'csv'],
  ['application/*, text/csv;q=0.9', 'json'],
])('Accept %s answers %s', (accept, format) => {
  expect(negotiate(accept)).toBe(format);
});

test('where there is more, a link leads on with the same parameters', () => {
  const { headers } = toAnswer('gpx', 'd', { points: [] }, 'next-1', {
    from: '2026-07-01T00:00:00+02:00',
    cursor: 'old',
  });
  expect(headers).toEqual({
    'content-type': 'application/gpx+xml',
    vary: 'Accept',
    link: '<?from=2026-07-01T00%3A00%3A00%2B02%3A00&cursor=next-1>; rel="next"',
  });
  expect(toAnswer('json', 'd', { points: [] }, undefined, {}).headers).not.toHaveProperty('link');
});

/** The longest figures that a point can carry, and attributes that escaping makes longest. */
const bulky = (text: string): TrackPoint => ({
  task: 't'.repeat(64),
  time: 1_763_719_200_000,
  lat: -89.1234567,
  lon: -179.1234567,
  accuracy: 99_999 + 1 / 3,
  speed: 1e-7 / 3,
  heading: 359 + 1 / 3,
  altitude: -999 - 1 / 3,
  attributes: { a: text, b: text },
});

test.each([
  ['json', '"'],
  ['json', '\\'],
  ['json', '\u0001'],
  ['geojson', '"'],
  ['gpx', '&'],
  ['gpx', '"'],
  ['gpx', '\\'],
  ['csv', '"'],
  ['csv', '\\'],
] as const)('a point in %s takes no more bytes of an answer than estimated, with %j throughout', (format, text) => {
  const expansion = { json: 2, geojson: 2, gpx: 6, csv: 4 }[format];
  const point = bulky(text.repeat(120));
  const bytes = (points: TrackPoint[]) =>
    Buffer.byteLength(JSON.stringify(toAnswer(format, 'd', { points }, undefined, {})));
  const { attributes: _, ...bare } = point;
  for (const some of [point, bare]) {
    expect(bytes([some, some]) - bytes([some])).toBeLessThanOrEqual(answerBytes(some, expansion));
  }
});
