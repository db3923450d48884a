import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppName } from '../../lambdas/contract/apps';
import type { Candidate, Message } from '../../lambdas/ingest/apps/app';

/** A documented payload of an app with a position in it, and what it says in Waystream's units. */
export interface Fixture {
  file: `${AppName}/${string}`;
  method: 'GET' | 'POST';
  contentType?: string;
  /** The time as the payload has it, and as which kind. */
  time: string;
  point: Candidate;
}

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

/** Where each comes from: test/fixtures/apps/SOURCES.md. */
export const fixtures: Fixture[] = [
  {
    file: 'owntracks/location.json',
    method: 'POST',
    contentType: json,
    time: '1497476456',
    // 54 km/h are 15 m/s.
    point: {
      time: 1_497_476_456_000,
      lat: 48.85833,
      lon: 2.29513,
      accuracy: 75,
      speed: 15,
      heading: 270,
      altitude: 13,
      attributes: { battery: 11, charging: true, activity: 'cycling' },
    },
  },
  {
    file: 'overland/batch.json',
    method: 'POST',
    contentType: json,
    time: '2015-10-01T08:00:00-0700',
    point: {
      time: Date.UTC(2015, 9, 1, 15),
      lat: 37.3318,
      lon: -122.030581,
      accuracy: 30,
      speed: 4,
      altitude: 0,
      attributes: { battery: 80, charging: true, activity: 'driving' },
    },
  },
  {
    file: 'traccar/query.txt',
    method: 'GET',
    time: '1504763810',
    // 40 knots are 40 × 1,852 m in 3,600 s.
    point: {
      time: 1_504_763_810_000,
      lat: 40.7232948571,
      lon: -74.0061408571,
      accuracy: 12.5,
      speed: 20.58,
      heading: 7.2,
      altitude: 224,
      attributes: { battery: 87 },
    },
  },
  {
    file: 'traccar/milliseconds.txt',
    method: 'POST',
    contentType: form,
    time: '1442068686579',
    point: { time: 1_442_068_686_579, lat: 42.06288, lon: -88.23412, speed: 0, altitude: 224 },
  },
  {
    file: 'traccar/iso.txt',
    method: 'GET',
    time: '2016-01-27T18%3A55%3A47Z',
    point: { time: Date.UTC(2016, 0, 27, 18, 55, 47), lat: 42.06288, lon: -88.23412, speed: 0, altitude: 224 },
  },
  {
    file: 'traccar/date.txt',
    method: 'GET',
    time: '2014-06-04+09%3A10%3A11',
    point: { time: Date.UTC(2014, 5, 4, 9, 10, 11), lat: 49.60688, lon: 6.15788, speed: 0, altitude: 384.7 },
  },
  {
    file: 'traccar/place.txt',
    method: 'GET',
    time: '1377177267',
    point: { time: 1_377_177_267_000, lat: 60, lon: 30 },
  },
  {
    file: 'traccar/location.json',
    method: 'POST',
    contentType: json,
    time: '2025-06-15T13:45:12.862Z',
    point: {
      time: Date.UTC(2025, 5, 15, 13, 45, 12, 862),
      lat: 37.4219983,
      lon: -122.084,
      accuracy: 5,
      speed: 0,
      altitude: 5,
      attributes: { battery: 100, charging: false, activity: 'still' },
    },
  },
  {
    file: 'traccar/list.json',
    method: 'POST',
    contentType: json,
    time: '1749995112',
    point: {
      time: 1_749_995_112_000,
      lat: 37.4219983,
      lon: -122.084,
      accuracy: 5,
      speed: 10,
      heading: 90,
      altitude: 5,
      attributes: { battery: 64 },
    },
  },
  {
    file: 'osmand/query.txt',
    method: 'GET',
    time: '1442068686579',
    // What the app calls hdop is an accuracy in metres, and its speed is in m/s.
    point: {
      time: 1_442_068_686_579,
      lat: 49.60688,
      lon: 6.15788,
      accuracy: 6,
      speed: 8.5,
      heading: 271.25,
      altitude: 384.7,
    },
  },
  {
    file: 'gpslogger/query.txt',
    method: 'GET',
    time: '2018-03-15T06:35:34.000Z',
    point: {
      time: Date.UTC(2018, 2, 15, 6, 35, 34),
      lat: 5.75641094,
      lon: 7.56704068,
      accuracy: 10.62,
      speed: 3.18,
      altitude: 139,
    },
  },
  {
    file: 'gpslogger/form.txt',
    method: 'POST',
    contentType: form,
    time: '1521095734',
    point: {
      time: 1_521_095_734_000,
      lat: 5.75641094,
      lon: 7.56704068,
      accuracy: 10.62,
      speed: 3.18,
      heading: 12.5,
      altitude: 139,
      attributes: { battery: 72, activity: 'ON_BICYCLE' },
    },
  },
  {
    file: 'background-geolocation/location.json',
    method: 'POST',
    contentType: json,
    time: '2021-07-21T08:06:34.444Z',
    point: {
      time: Date.UTC(2021, 6, 21, 8, 6, 34, 444),
      lat: -6.1148096,
      lon: 106.6837015,
      accuracy: 3.8,
      speed: 18.67,
      heading: 63,
      altitude: 35.7,
      attributes: { battery: 79, charging: false, activity: 'still' },
    },
  },
  {
    file: 'background-geolocation/batch.json',
    method: 'POST',
    contentType: json,
    time: '2025-05-09T04:11:30.579Z',
    point: {
      time: Date.UTC(2025, 4, 9, 4, 11, 30, 579),
      lat: 37.785834,
      lon: -122.406417,
      accuracy: 5,
      altitude: 0,
      attributes: { charging: false, activity: 'unknown' },
    },
  },
];

/** @returns the payload as a file has it, without the line's end */
export const payload = (file: string): Buffer => {
  const bytes = readFileSync(join(__dirname, '../fixtures/apps', file));
  return file.endsWith('.txt') ? Buffer.from(bytes.toString('utf8').trim()) : bytes;
};

export const appOf = (file: string): string => file.split('/')[0] ?? '';

/** @returns a time written as another one is: in seconds, in milliseconds, with an offset, escaped for a query */
export function writtenAs(like: string, time: number): string {
  if (/^\d{10}$/.test(like)) return String(Math.floor(time / 1_000));
  if (/^\d{13}$/.test(like)) return String(time);
  const iso = new Date(time).toISOString();
  if (like.includes('+')) return encodeURIComponent(iso.slice(0, 19)).replace('T', '+');
  if (like.includes('%')) return encodeURIComponent(`${iso.slice(0, 19)}Z`);
  if (like.endsWith('-0700')) return `${new Date(time - 7 * 3_600_000).toISOString().slice(0, 19)}-0700`;
  return iso;
}

/** A message as the door hands it to an adapter. */
export function messageOf({ method }: Pick<Fixture, 'method'>, body: Buffer): Message {
  const query = method === 'GET' ? Object.fromEntries(new URLSearchParams(body.toString('utf8'))) : {};
  const rest = method === 'GET' ? Buffer.alloc(0) : body;
  return { sender: 'bike-7', query, body: rest, now: Date.UTC(2026, 6, 1) };
}
