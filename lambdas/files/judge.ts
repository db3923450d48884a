import { limits } from '../contract/limits';
import { type Moment, objection } from '../contract/objection';
import { attributesSchema, type Position, pointSchema } from '../contract/position';
import type { RawPoint } from './sink';

/** A point that makes sense, though it may be too old to be kept; and the names of values that it is taken without. */
export interface Understood {
  position: Position;
  without: string[];
}

/** @returns the code of why a point can't be understood, whenever it is imported */
export type Misunderstood =
  | 'position_unreadable'
  | 'null_island'
  | 'time_missing'
  | 'time_unreadable'
  | 'time_before_1970';

/** Why points are not taken, for people. */
export const reasons: Readonly<Record<string, string>> = {
  position_unreadable: 'Latitude or longitude is missing, no number, or off the globe.',
  null_island: 'Latitude and longitude are both exactly 0: that is no fix.',
  time_missing: 'A position needs a time; these have none, as planned routes do.',
  time_unreadable: 'The time is not written as ISO 8601, such as 2026-07-01T08:00:00Z.',
  time_before_1970: 'The receiver’s clock was wrong: there were no positions before 1970.',
  time_in_future: 'These are dated later than now.',
  time_too_old: 'These are older than positions are kept.',
  duplicate_time: 'The ride has another point at this time; the first was taken.',
};

const optional = ['altitude', 'speed', 'heading', 'accuracy'] as const;
const shape = pointSchema.shape;

/** Rounds to 1e-7 degrees, and -0 to 0. */
const rounded = (degrees: number) => Math.round(degrees * 1e7) / 1e7 + 0;

function misunderstanding({ lat, lon, time }: RawPoint): Misunderstood | undefined {
  if (!(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180)) return 'position_unreadable';
  if (lat === 0 && lon === 0) return 'null_island';
  if (time === undefined) return 'time_missing';
  if (!Number.isSafeInteger(time)) return 'time_unreadable';
  return time < 0 ? 'time_before_1970' : undefined;
}

/** Whatever the hour of the import: the same point is always judged the same. */
export function understand(raw: RawPoint): Understood | Misunderstood {
  const wrong = misunderstanding(raw);
  if (wrong !== undefined || raw.time === undefined) return wrong ?? 'time_missing';
  const position: Position = { time: raw.time, lat: rounded(raw.lat), lon: rounded(raw.lon) };
  const without: string[] = [];
  for (const name of optional) {
    const value = raw[name];
    if (value === undefined) continue;
    if (shape[name].safeParse(value).success) position[name] = value;
    else without.push(name);
  }
  if (position.heading === 360) position.heading = 0;
  addAttributes(position, raw.attributes, without);
  return { position, without };
}

/** Attributes go along one by one, as far as they are ones and as many as a point may have. */
function addAttributes(position: Position, raw: RawPoint['attributes'], without: string[]): void {
  const taken: NonNullable<Position['attributes']> = {};
  for (const [name, value] of Object.entries(raw ?? {})) {
    const one = attributesSchema.safeParse({ [name]: value });
    const fits = one.success && Object.keys(taken).length < limits.attributesPerPoint;
    const more = { ...taken, ...(one.success ? one.data : {}) };
    if (fits && Buffer.byteLength(JSON.stringify(more)) <= limits.attributeBytes) Object.assign(taken, one.data);
    else without.push('attributes');
  }
  if (Object.keys(taken).length > 0) position.attributes = taken;
}

/** @returns the code of why a point can't be taken now, by the rule for every point; undefined where it can */
export const refusalOf = (position: Position, moment: Moment): string | undefined => objection(position, moment)?.code;
