import { attributesSchema, type Position } from './position';
import { MINUTE_MS } from './time';

/**
 * A row of the `tracks` table: one minute of one track. Each point is an attribute of its own, named by its offset
 * in the minute (`p15000`), so any order of arrival, any repeat and any writer merge into the same item. A point is
 * known by device, task and time: a repeat changes nothing. Rows only grow, so a row's number of points is its version.
 */
export interface TrackRow {
  device: string;
  task: string;
  /** Start of the minute, epoch ms. */
  minute: number;
  /** In order of time. */
  points: Position[];
}

/** Names of the table's key attributes and of what a row holds beside its points. */
export const trackAttributes = {
  track: 'track',
  minute: 'minute',
  expires: 'expires',
  reporters: 'reporters',
} as const;

/** @returns the partition key of a track */
export const trackKey = (device: string, task: string): string => `${device}#${task}`;

/** @returns the sort key of a raw minute row, e.g. `r29933220` (minutes since the epoch, good until 2160) */
export const minuteKey = (time: number): string => `r${String(Math.floor(time / MINUTE_MS)).padStart(8, '0')}`;

/** @returns the attribute's name of a point at `time` (epoch ms) */
export const pointName = (time: number): string => `p${time % MINUTE_MS}`;

/**
 * A point's attribute: `lat,lon,accuracy,speed,heading,altitude` with nothing where a figure is unknown and without
 * trailing commas, then its free attributes as JSON. Fifteen points with speed and heading stay within one write unit.
 */
export function encodePoint(point: Position): string {
  const figures = [point.lat, point.lon, point.accuracy, point.speed, point.heading, point.altitude];
  const text = figures
    .map((figure) => figure ?? '')
    .join(',')
    .replace(/,+$/, '');
  return point.attributes === undefined ? text : text + JSON.stringify(point.attributes);
}

const figure = (text: string | undefined): number | undefined => {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new RangeError(`not a figure: ${text}`);
  return value;
};

const inRange = (value: number | undefined, limit: number, name: string): number => {
  if (value === undefined || Math.abs(value) > limit) throw new RangeError(`not a ${name}: ${value}`);
  return value;
};

/**
 * Reads a point's attribute back.
 * @param time epoch ms, from the row's minute and the attribute's name
 * @throws RangeError, SyntaxError or ZodError where it is not one (a device may write rows itself)
 */
export function decodePoint(time: number, value: string): Position {
  const brace = value.indexOf('{');
  const parts = (brace < 0 ? value : value.slice(0, brace)).split(',').map(figure);
  if (parts.length > 6) throw new RangeError(`too many figures: ${value}`);
  const [lat, lon, accuracy, speed, heading, altitude] = parts;
  const position: Position = { time, lat: inRange(lat, 90, 'latitude'), lon: inRange(lon, 180, 'longitude') };
  if (accuracy !== undefined) position.accuracy = accuracy;
  if (speed !== undefined) position.speed = speed;
  if (heading !== undefined) position.heading = heading;
  if (altitude !== undefined) position.altitude = altitude;
  if (brace >= 0) position.attributes = attributesSchema.parse(JSON.parse(value.slice(brace)));
  return position;
}

/**
 * Reads an item or a stream image (unmarshalled) as a row.
 * @returns undefined where the item is not a raw minute row: the registry of tasks lives in the same table
 * @throws where it claims to be a row and can't be read
 */
export function decodeRow(item: Record<string, unknown>): TrackRow | undefined {
  const { track, minute } = item;
  if (typeof track !== 'string' || typeof minute !== 'string') throw new TypeError('an item without its keys');
  const [device, task] = track.split('#');
  if (device === undefined || task === undefined || !/^r\d{8}/.test(minute)) return undefined;
  const start = Number(minute.slice(1, 9)) * MINUTE_MS;
  const points = Object.entries(item).flatMap(([name, value]) =>
    /^p\d{1,5}$/.test(name) && typeof value === 'string' ? [decodePoint(start + Number(name.slice(1)), value)] : [],
  );
  return { device, task, minute: start, points: points.sort((a, b) => a.time - b.time) };
}
