import { limits } from '../../contract/limits';
import type { AppReport, Candidate } from './app';

/** m/s of one km/h. */
export const KMH = 1 / 3.6;
/** m/s of one knot: an international nautical mile of 1,852 m an hour. */
export const KNOT = 1_852 / 3_600;

/** @returns a number out of JSON or out of a query string; undefined for anything that is none */
export function number(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** Seconds below, milliseconds from here on (1e11 s is the year 5138, 1e11 ms March 1973). */
const MILLISECONDS_FROM = 1e11;

/** A date and a time; the `+` of an offset that came as a blank was not escaped in a query string. */
const moment = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?:(Z)|([+\- ])(\d\d):?(\d\d))?$/i;

/** @returns epoch ms out of seconds or milliseconds since 1970, or ISO 8601 (UTC where it names no zone) */
export function timeOf(value: unknown): number | undefined {
  const count = number(value);
  if (count !== undefined) return Math.round(count < MILLISECONDS_FROM ? count * 1_000 : count);
  if (typeof value !== 'string') return undefined;
  const [whole, date, time, , sign, hours, minutes] = moment.exec(value.trim()) ?? [];
  if (whole === undefined) return undefined;
  const zone = sign === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${hours}:${minutes}`;
  const parsed = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(parsed) ? undefined : Math.round(parsed);
}

interface Readings {
  time: number | undefined;
  lat: number | undefined;
  lon: number | undefined;
  /** metres */
  accuracy?: number | undefined;
  /** m/s */
  speed?: number | undefined;
  /** degrees */
  heading?: number | undefined;
  /** metres */
  altitude?: number | undefined;
  attributes?: Record<string, string | number | boolean | undefined>;
}

/** To a hundredth: single precision and changes of unit make digits that nobody measured. */
const rounded = (value: number) => Math.round(value * 100) / 100 + 0;

/** What apps write where a sensor has nothing to say is below zero or beyond all measure: that is left out. */
const within = (value: number | undefined, least: number, most: number) =>
  value !== undefined && value >= least && value <= most ? rounded(value) : undefined;

/** @returns a point without what is unknown; time and place stay as they are, to be judged */
export function candidate({ time, lat, lon, accuracy, speed, heading, altitude, attributes }: Readings): Candidate {
  const point: Candidate = { time, lat, lon };
  const fields: [keyof Pick<Candidate, 'accuracy' | 'speed' | 'heading' | 'altitude'>, number | undefined][] = [
    ['accuracy', within(accuracy, 0, 100_000)],
    ['speed', within(speed, 0, 500)],
    ['heading', within(heading, 0, 360)],
    ['altitude', within(altitude, -1_000, 100_000)],
  ];
  for (const [name, value] of fields) if (value !== undefined) point[name] = value;
  const extras: NonNullable<Candidate['attributes']> = {};
  for (const [name, value] of Object.entries(attributes ?? {})) if (value !== undefined) extras[name] = value;
  if (Object.keys(extras).length > 0) point.attributes = extras;
  return point;
}

/** @returns a battery's charge in percent, out of a share of one */
export const percent = (share: number | undefined): number | undefined =>
  share !== undefined && share >= 0 && share <= 1 ? Math.round(share * 100) : undefined;

/** @returns a battery's charge in percent, where it is one */
export const percentage = (value: number | undefined): number | undefined => within(value, 0, 100);

/** @returns a short word, as attributes hold them */
export const word = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length > 0 && value.length <= 64 ? value : undefined;

/** @returns lists of at most so many */
export function slices<T>(list: readonly T[], most: number): T[][] {
  const count = Math.ceil(list.length / most);
  return Array.from({ length: count }, (_, index) => list.slice(index * most, (index + 1) * most));
}

/** @returns reports of one device, as many as its points need */
export const reportsOf = (points: readonly Candidate[]): AppReport[] =>
  slices(points, limits.pointsPerRequest).map((some) => ({ points: some }));
