import fc from 'fast-check';
import type { TrackPoint } from '../../lambdas/tracks/decide';
import { toGeoJson } from '../../lambdas/tracks/geojson';
import { toGpx } from '../../lambdas/tracks/gpx';
import { positionAt } from '../tracks/arbitraries';
import { always, counts, gpx, readAll } from './arbitraries';

const NOW = always.now;
/** A track of one task as it is kept, by time; no two points at one time, none at 0° 0°. */
const track: fc.Arbitrary<TrackPoint[]> = fc
  .uniqueArray(positionAt(fc.integer({ min: 0, max: NOW })), { selector: ({ time }) => time, maxLength: 40 })
  .map((points) =>
    points
      .filter(({ lat, lon }) => lat !== 0 || lon !== 0)
      .sort((a, b) => a.time - b.time)
      .map(({ attributes, ...point }) => ({
        ...{ task: 't', ...point },
        ...(point.heading === 360 && { heading: 0 }),
        ...(attributes && Object.keys(attributes).length > 0 && { attributes }),
      })),
  );
const written: [string, (points: TrackPoint[]) => string][] = [
  ['GPX', toGpx],
  ['GeoJSON', (points) => toGeoJson('d', { points }, undefined)],
];
const bare = (points: readonly TrackPoint[]) => points.map(({ task: _, ...point }) => point);
const told = ({ points }: { points: { position: unknown }[] }) => points.map(({ position }) => position);

test.each(written)('what the export writes as %s is read as it was, in whatever pieces it comes', async (_, write) => {
  await fc.assert(
    fc.asyncProperty(track, fc.integer({ min: 1, max: 300 }), async (points, size) => {
      const result = await readAll(write(points), always, size);
      expect(told(result)).toEqual(bare(points));
      expect(result.reading.complete).toBe(true);
      expect([...result.findings.refused, ...result.findings.ignored]).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test.each(written)('%s that is cut off anywhere gives the points before the cut', async (_, write) => {
  await fc.assert(
    fc.asyncProperty(track, fc.double({ min: 0, max: 1, noNaN: true }), async (points, share) => {
      const whole = Buffer.from(write(points));
      const result = await readAll(whole.subarray(0, Math.floor(whole.length * share)));
      expect(bare(points).slice(0, result.points.length)).toEqual(told(result));
    }),
    { numRuns: 50 },
  );
});

test.each(written)(
  '%s with bytes altered anywhere comes to an end, and takes nothing that makes no sense',
  async (_, write) => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(track, fc.array(change, { minLength: 1, maxLength: 10 }), async (points, changes) => {
        const bytes = Buffer.from(write(points));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const result = await readAll(bytes);
        for (const { position } of result.points) {
          expect(Math.abs(position.lat)).toBeLessThanOrEqual(90);
          expect(Math.abs(position.lon)).toBeLessThanOrEqual(180);
          expect(Number.isSafeInteger(position.time)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  },
);

test('any bytes at all come to an end', async () => {
  const begin = fc.constantFrom('', '<', '<gpx', '{', '{"features":[', '<?xml version="1.0" encoding="');
  await fc.assert(
    fc.asyncProperty(begin, fc.uint8Array({ maxLength: 200 }), async (text, bytes) => {
      const { reading } = await readAll(Buffer.concat([Buffer.from(text), bytes]));
      expect(reading.complete || reading.problem !== undefined).toBe(true);
    }),
  );
});

const point = (inner: string) => gpx(`<trk><trkseg><trkpt lat="46" lon="13">${inner}</trkpt></trkseg></trk>`);
const timed = (inner: string) => point(`<time>2026-07-01T08:00:00Z</time>${inner}`);

test.each([
  ['2026-07-01T08:00:00Z', 0],
  ['2026-07-01T10:00:00+02:00', 0],
  ['2026-07-01T10:00:00+0200', 0],
  ['2026-07-01T08:00:00', 0],
  [' 2026-07-01T08:00:00.5Z ', 500],
  ['2026-07-01T08:00:00.1239999Z', 123],
  ['2026-07-01 08:00:00,25', 250],
  ['2026-07-01T08:00Z', 0],
])('the time %j is read', async (text, ms) => {
  const { points } = await readAll(point(`<time>${text}</time>`));
  expect(points.map(({ position }) => position.time)).toEqual([Date.parse('2026-07-01T08:00:00Z') + ms]);
});

test.each([
  ['', 'time_missing'],
  ['<time>yesterday</time>', 'time_unreadable'],
  ['<time>1782892800</time>', 'time_unreadable'],
  ['<time>2026-13-01T08:00:00Z</time>', 'time_unreadable'],
  ['<time></time>', 'time_unreadable'],
  ['<time>1969-12-31T23:59:59Z</time>', 'time_before_1970'],
  ['<time>2036-07-01T08:00:00Z</time>', 'time_in_future'],
])('a point with %j is refused as %s', async (inner, code) => {
  expect(counts((await readAll(point(inner))).findings.refused)).toEqual({ [code]: 1 });
});

test.each([
  ['lat="91" lon="0"', 'position_unreadable'],
  ['lat="46"', 'position_unreadable'],
  ['lat="46°" lon="13"', 'position_unreadable'],
  ['lat="NaN" lon="Infinity"', 'position_unreadable'],
  ['lat="0.0" lon="-0"', 'null_island'],
])('a point at %s is refused as %s', async (place, code) => {
  const file = gpx(`<trk><trkseg><trkpt ${place}><time>2026-07-01T08:00:00Z</time></trkpt></trkseg></trk>`);
  expect(counts((await readAll(file)).findings.refused)).toEqual({ [code]: 1 });
});

test('Garmin’s extensions go along; values that make no sense are left out, and told', async () => {
  const extensions = `<extensions><gpxtpx:TrackPointExtension><gpxtpx:hr>171</gpxtpx:hr><gpxtpx:cad>88</gpxtpx:cad>
    <gpxtpx:speed>7.5</gpxtpx:speed><gpxtpx:course>360</gpxtpx:course><x:odd>1</x:odd></gpxtpx:TrackPointExtension></extensions>`;
  const { points, findings } = await readAll(
    timed(`<ele>1e9</ele><geoidheight>48</geoidheight><hdop>x</hdop>${extensions}`),
  );
  expect(points[0]?.position).toMatchObject({ speed: 7.5, heading: 0, attributes: { heartRate: 171, cadence: 88 } });
  expect(points[0]?.position).not.toHaveProperty('altitude');
  expect(counts(findings.ignored)).toEqual({ odd: 1, altitude: 1, attributes: 1 });
});

test('height is counted from the ellipsoid where the file says how far that is from the sea', async () => {
  const { points } = await readAll(timed('<ele>100</ele><geoidheight>48.5</geoidheight>'));
  expect(points[0]?.position.altitude).toBe(148.5);
});

test.each(['utf-16le', 'latin1'] as const)('GPX in %s is read', async (encoding) => {
  const declared = encoding === 'latin1' ? 'ISO-8859-1' : 'UTF-16';
  const text = timed('').replace('?>', ` encoding="${declared}"?>`).replace('<trk>', '<trk><name>Zürich</name>');
  const mark = encoding === 'latin1' ? '' : '\ufeff';
  const { findings } = await readAll(Buffer.from(mark + text, encoding), always, 5);
  expect(findings.rides).toMatchObject([{ name: 'Zürich', points: 1 }]);
});

const feature = (geometry: object, properties: object = {}) => ({ type: 'Feature', geometry, properties });
const line = {
  type: 'LineString',
  coordinates: [
    [13, 46],
    [13.1, 46, 5],
  ],
};
const times = [NOW - 2_000, new Date(NOW - 1_000).toISOString()];
const two = [
  { lat: 46, lon: 13 },
  { lat: 46, lon: 13.1, altitude: 5 },
];

test.each([
  ['a bare line has no times', line, [], { time_missing: 2 }],
  ['a feature', feature(line, { coordTimes: times }), two, {}],
  ['a collection', { type: 'FeatureCollection', features: [feature(line, { times })] }, two, {}],
  ['the features before the type', { features: [feature(line, { times })], type: 'FeatureCollection' }, two, {}],
  ['togeojson’s', feature(line, { coordinateProperties: { times } }), two, {}],
  [
    'parts',
    feature(
      { type: 'MultiLineString', coordinates: line.coordinates.map((each) => [each]) },
      { coordTimes: times.map((each) => [each]) },
    ),
    two,
    {},
  ],
  [
    'points with a time each',
    {
      type: 'FeatureCollection',
      features: line.coordinates.map((coordinates, n) =>
        feature({ type: 'Point', coordinates }, { timestamp: times[n] }),
      ),
    },
    two,
    {},
  ],
  [
    'fewer times than coordinates',
    feature(line, { coordTimes: times.slice(0, 1) }),
    two.slice(0, 1),
    { time_missing: 1 },
  ],
  [
    'coordinates that are none',
    feature({ type: 'LineString', coordinates: [['a'], null, 7] }, { times: [1, 2, 3] }),
    [],
    { position_unreadable: 3 },
  ],
  ['an area', feature({ type: 'Polygon', coordinates: [] }), [], {}],
])('GeoJSON: %s', async (_, file, places, refused) => {
  const { points, findings } = await readAll(JSON.stringify(file));
  expect(points.map(({ position: { time: __, ...place } }) => place)).toEqual(places);
  expect(new Set(points.map(({ ride }) => ride)).size).toBeLessThanOrEqual(1);
  expect(counts(findings.refused)).toEqual(refused);
});
