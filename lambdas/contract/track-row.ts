import { attributesSchema, type Position, pointRanges } from './position';
import { DAY_MS, MINUTE_MS } from './time';

/**
 * A row of the `tracks` table: one minute of one track. Each point is an attribute of its own, named by its offset
 * in the minute (`p15000`), so any order of arrival, any repeat and any writer merge into the same item. A point is
 * known by device, task and time: a repeat changes nothing. Rows only grow; what a device has written by itself and can't
 * stay is taken out again, and counted.
 */
export interface TrackRow {
  device: string;
  task: string;
  /** Start of the minute, epoch ms. */
  minute: number;
  /** In order of time. */
  points: Position[];
  /** How often points were taken out of the row again, or put back: what a device had written that can't stay. */
  mended?: number;
}

/** @returns a number that grows with each change of a row's points. Mending, which takes points away, outweighs them. */
export const rowVersion = ({ points, mended = 0 }: TrackRow): number => points.length + 2 * mended;

/** Names of the table's key attributes and of what a row holds beside its points. */
export const trackAttributes = {
  track: 'track',
  minute: 'minute',
  expires: 'expires',
  reporters: 'reporters',
  /** Who wrote last: set with every write of ours, and denied to devices. See `writerMark`. */
  writer: 'w',
  mended: 'm',
} as const;

/** @returns the partition key of a track */
export const trackKey = (device: string, task: string): string => `${device}#${task}`;

/** @returns the sort key of a raw minute row, e.g. `r29933220` (minutes since the epoch, good until 2160) */
export const minuteKey = (time: number): string => `r${String(Math.floor(time / MINUTE_MS)).padStart(8, '0')}`;

/** @returns the attribute's name of a point at `time` (epoch ms) */
export const pointName = (time: number): string => `p${time % MINUTE_MS}`;

/** @returns when a row of this minute expires: epoch seconds, so that each of its points is kept the whole retention */
export function rowExpiry(minute: number, retentionDays: number): number {
  return (minute + MINUTE_MS + retentionDays * DAY_MS) / 1_000;
}

/**
 * The mark that a write of ours leaves in a row: a short digest of the names written, the same for a repeat. A change
 * that leaves the mark as it was is a device's own. Two writes that happen to have the same mark do no harm: the second
 * is looked at as a device's own would be. FNV-1a: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm".
 */
export function writerMark(names: Iterable<string>): string {
  let hash = 0x811c9dc5;
  for (const character of [...names].sort().join()) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return ((hash >>> 0) % 36 ** 4).toString(36);
}

/** @returns the time of a point by its attribute's name, epoch ms; undefined where no point is written so */
export function pointTime(minute: number, name: string): number | undefined {
  const offset = /^p(0|[1-9]\d{0,4})$/.test(name) ? Number(name.slice(1)) : MINUTE_MS;
  return offset < MINUTE_MS ? minute + offset : undefined;
}

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

/** Names of a point's figures, in the order in which they are stored. */
const figureNames = ['lat', 'lon', 'accuracy', 'speed', 'heading', 'altitude'] as const;

/**
 * Reads a point's attribute back.
 * @param time epoch ms, from the row's minute and the attribute's name
 * @throws RangeError, SyntaxError or ZodError where it is not one (a device may write rows itself)
 */
export function decodePoint(time: number, value: string): Position {
  const brace = value.indexOf('{');
  const parts = (brace < 0 ? value : value.slice(0, brace)).split(',').map(figure);
  const [lat, lon] = parts;
  if (lat === undefined || lon === undefined || parts.length > figureNames.length) throw new RangeError('not a point');
  const position: Position = { time, lat, lon };
  for (const [index, name] of figureNames.entries()) {
    const part = parts[index];
    if (part === undefined) continue;
    const [from, to] = pointRanges[name];
    if (part < from || part > to) throw new RangeError(`${name} is not between ${from} and ${to}: ${part}`);
    position[name] = part;
  }
  if (brace >= 0) position.attributes = attributesSchema.parse(JSON.parse(value.slice(brace)));
  return position;
}

/** Reads a point of a row that may have been written by anybody. @returns undefined where it is none */
function readPoint(minute: number, name: string, value: unknown): Position | undefined {
  const time = pointTime(minute, name);
  if (time === undefined || typeof value !== 'string') return undefined;
  try {
    return decodePoint(time, value);
  } catch {
    return undefined;
  }
}

/**
 * Reads an item or a stream image (unmarshalled) as a row. What is no point is passed over: devices write rows too, and
 * one bad point takes no other with it.
 * @returns undefined where the item is not a raw minute row: the registry of tasks lives in the same table
 * @throws where it has not even keys
 */
export function decodeRow(item: Record<string, unknown>): TrackRow | undefined {
  const { track, minute, m: mended } = item;
  if (typeof track !== 'string' || typeof minute !== 'string') throw new TypeError('an item without its keys');
  const [device, task] = track.split('#');
  if (device === undefined || task === undefined || !/^r\d{8}/.test(minute)) return undefined;
  const start = Number(minute.slice(1, 9)) * MINUTE_MS;
  const points = Object.entries(item).flatMap(([name, value]) => readPoint(start, name, value) ?? []);
  points.sort((a, b) => a.time - b.time);
  return { device, task, minute: start, points, ...(typeof mended === 'number' && { mended }) };
}
