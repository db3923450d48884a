import fc from 'fast-check';
import { appNameSchema } from '../../lambdas/contract/apps';
import { Problem } from '../../lambdas/contract/errors';
import { pointSchema } from '../../lambdas/contract/position';
import { apps } from '../../lambdas/ingest/apps';
import type { Message } from '../../lambdas/ingest/apps/app';
import { anyBytes, anything, nearlyText } from '../system/fuzz/inputs';
import { appOf, fixtures, messageOf, payload, writtenAs } from './fixtures';

const now = Date.UTC(2026, 6, 1);
const read = (file: string, method: 'GET' | 'POST' = 'POST') =>
  apps[appNameSchema.parse(appOf(file))].read(messageOf({ method }, payload(file)));
const post = (app: keyof typeof apps, body: unknown) =>
  apps[app].read(messageOf({ method: 'POST' }, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))));
const get = (app: keyof typeof apps, query: Record<string, string>) =>
  apps[app].read({ ...messageOf({ method: 'GET' }, Buffer.alloc(0)), query });

test.each(fixtures)('$file is understood, in metres, m/s and milliseconds', ({ file, method, point }) => {
  expect(read(file, method)).toEqual([{ points: [point] }]);
  expect(pointSchema.safeParse(point).success).toBe(true);
});

test.each(fixtures)('$file with another time is another time', ({ file, method, time, point }) => {
  const later = Number(point.time) + 86_400_000;
  const text = payload(file).toString('utf8').replaceAll(time, writtenAs(time, later));
  const [report] = apps[appNameSchema.parse(appOf(file))].read(messageOf({ method }, Buffer.from(text)));
  expect(report).toMatchObject({ points: [{ time: later }] });
});

describe('OwnTracks', () => {
  test.each(['transition', 'waypoint', 'lwt'])('a %s is taken and forgotten', (name) => {
    expect(read(`owntracks/${name}.json`)).toEqual([]);
  });

  test('nothing at all is nothing: a friend was deleted', () => {
    expect(post('owntracks', '')).toEqual([]);
  });

  test('what is encrypted can’t be read, and the app is told', () => {
    expect(() => read('owntracks/encrypted.json')).toThrow(expect.objectContaining({ code: 'encrypted', status: 400 }));
  });

  test('friends show as locations: seconds, km/h, two characters', () => {
    const position = {
      time: now + 999,
      lat: 41.15,
      lon: -8.61,
      speed: 15,
      heading: 270.4,
      accuracy: 4.6,
      altitude: 80,
    };
    const receipt = { accepted: 1, refused: [], serverTime: now };
    const friends = [{ device: 'bike-8', task: 't', position }];
    expect(apps.owntracks.answer({ receipt, friends })).toEqual([
      {
        _type: 'location',
        tid: 'e8',
        topic: 'owntracks/waystream/bike-8',
        tst: now / 1_000,
        lat: 41.15,
        lon: -8.61,
        vel: 54,
        cog: 270,
        acc: 5,
        alt: 80,
      },
    ]);
    expect(apps.owntracks.answer({ receipt, friends: [] })).toEqual([]);
  });
});

describe('Overland', () => {
  const feature = (timestamp: string, coordinates: unknown = [2, 48]) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates },
    properties: {
      timestamp,
      speed: -1,
      course: -1,
      horizontal_accuracy: -1,
      battery_level: -1,
      battery_state: 'unknown',
    },
  });

  test('what is unknown is −1 there and left out here', () => {
    expect(post('overland', { locations: [feature('2026-07-01T00:00:00Z')] })).toEqual([
      { points: [{ time: now, lat: 48, lon: 2 }] },
    ]);
  });

  test('the newest location of a long queue comes along with the batch', () => {
    const [report] = post('overland', {
      locations: [feature('2026-07-01T00:00:00Z')],
      current: feature('2026-07-01T01:00:00Z'),
    });
    expect(report).toMatchObject({ points: [{ time: now }, { time: now + 3_600_000 }] });
  });

  test('entries without a place are passed over', () => {
    expect(post('overland', { locations: [{ type: 'trip' }, null, { properties: { action: 'visit' } }] })).toEqual([]);
  });

  test('a batch beyond a report’s limit is several', () => {
    const locations = Array.from({ length: 1_001 }, () => feature('2026-07-01T00:00:00Z'));
    expect(post('overland', { locations }).map((report) => 'points' in report && report.points.length)).toEqual([
      1_000, 1,
    ]);
  });

  test('it hears what lets it delete a batch', () => {
    expect(apps.overland.answer({ receipt: { accepted: 0, refused: [], serverTime: now }, friends: [] })).toEqual({
      result: 'ok',
    });
  });
});

describe('query strings', () => {
  test('a time that is not told is now, and one that can’t be read is refused later', () => {
    expect(get('osmand', { lat: '1', lon: '2' })).toEqual([{ points: [{ time: now, lat: 1, lon: 2 }] }]);
    expect(get('osmand', { lat: '1', lon: '2', timestamp: 'noon' })).toEqual([
      { points: [{ time: undefined, lat: 1, lon: 2 }] },
    ]);
  });

  test('a plus of an offset that nobody escaped is a blank', () => {
    const [report] = get('gpslogger', { lat: '1', lon: '2', time: '2026-07-01T02:00:00.000 02:00' });
    expect(report).toMatchObject({ points: [{ time: now }] });
  });

  test('a tracker that says that it has no fix has none', () => {
    expect(get('traccar', { lat: '1', lon: '2', valid: 'false' })).toEqual([]);
    expect(get('traccar', { lat: '1', lon: '2', valid: 'true' })).toHaveLength(1);
  });

  test('knots are Traccar’s, m/s OsmAnd’s and GPSLogger’s', () => {
    const query = { lat: '1', lon: '2', timestamp: String(now), speed: '10' };
    const speeds = (['traccar', 'osmand', 'gpslogger'] as const).map((app) => get(app, query));
    expect(speeds).toMatchObject([
      [{ points: [{ speed: 5.14 }] }],
      [{ points: [{ speed: 10 }] }],
      [{ points: [{ speed: 10 }] }],
    ]);
  });
});

test('background-geolocation without its envelope is understood as well', () => {
  const { location } = JSON.parse(payload('background-geolocation/location.json').toString('utf8'));
  const wrapped = read('background-geolocation/location.json');
  expect(post('background-geolocation', location)).toEqual(wrapped);
  expect(post('background-geolocation', [location])).toEqual(wrapped);
});

describe('whatever comes', () => {
  const names = fc.constantFrom(...appNameSchema.options);
  const documented = fc.constantFrom(
    ...fixtures
      .filter(({ contentType }) => contentType?.includes('json'))
      .map(({ file }) => JSON.parse(payload(file).toString('utf8'))),
  );
  const bodies = fc.oneof(
    anyBytes,
    anything.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
    nearlyText(documented).map((text) => Buffer.from(text)),
  );
  const queries = fc.dictionary(
    fc.constantFrom('lat', 'lon', 'timestamp', 'time', 'speed', 'location', 'valid', '__proto__', 'constructor'),
    fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String)),
  );

  test('is read or refused, and what is read has no number that is none', () => {
    fc.assert(
      fc.property(names, bodies, queries, (name, body, query) => {
        const message: Message = { sender: 'bike-7', query, body, now };
        try {
          for (const report of apps[name].read(message)) {
            const points = 'points' in report ? report.points : report.devices.flatMap((device) => device.points);
            for (const { accuracy, speed, heading, altitude } of points) {
              for (const value of [accuracy, speed, heading, altitude]) expect(Number.isFinite(value ?? 0)).toBe(true);
            }
          }
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          expect(error.status).toBe(400);
        }
      }),
      { seed: 20261121, numRuns: 3_000 },
    );
  });
});
