import { z } from 'zod';
import { type CursorScope, decodeCursor, encodeCursor } from '../contract/cursor';
import { BadRequest, parseParameters } from '../contract/errors';
import { devicePathSchema, deviceTracksQuerySchema, timedTrackQuerySchema, trackPathSchema } from '../contract/reads';
import { DAY_MS, MINUTE_MS } from '../contract/time';
import type { Order, Place, Range } from './decide';
import type { Format } from './formats';
import type { View } from './view';

/** A request over many days asks for each of them; a year at a time is enough. */
const LONGEST_DAYS = 366;

/** Rows are keyed by eight digits of minutes: nothing is stored outside. */
const STORED: Range = { from: 0, to: 99_999_999 * MINUTE_MS };

/** What to read, as asked. */
export interface TrackRequest {
  device: string;
  /** Undefined for all tasks of the device. */
  task: string | undefined;
  range: Range;
  order: Order;
  limit: number;
  after: Place | undefined;
  format: Format | undefined;
  view: View;
  /** What a cursor of this request belongs to. */
  scope: CursorScope;
}

/**
 * A cursor says what kind of reading it goes on with, so that other kinds can come beside it. `page` goes on in the
 * order of time: a point that arrives later and lies before the place is not seen by that reader.
 */
const cursorStateSchema = z.strictObject({ kind: z.literal('page'), time: z.int(), task: z.string().max(64) });

/** @returns the cursor of a request's next page */
export function toCursor(scope: CursorScope, { time, task }: Place): string {
  return encodeCursor(scope, { kind: 'page', time, task });
}

function toPlace(scope: CursorScope, cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const { time, task } = decodeCursor(scope, cursor, cursorStateSchema);
  return { time, task };
}

function toRange(from: number, to: number): Range {
  if (from >= to) throw new BadRequest('empty_range', '`from` must be before `to`.', { pointer: '?from' });
  return { from: Math.max(from, STORED.from), to: Math.min(to, STORED.to) };
}

type Parameters = Record<string, string | undefined>;

/** @throws BadRequest */
export function toDeviceRequest(path: Parameters, parameters: Parameters): TrackRequest {
  const { id } = parseParameters(devicePathSchema, path);
  const { from, to, order, limit, cursor, format } = parseParameters(deviceTracksQuerySchema, parameters);
  const range = toRange(from, to);
  if (to - from > LONGEST_DAYS * DAY_MS) {
    const detail = `Ask for at most ${LONGEST_DAYS} days at a time.`;
    throw new BadRequest('range_too_long', detail, { pointer: '?to' });
  }
  const scope = ['device-tracks', id, from, to, order];
  return {
    device: id,
    task: undefined,
    range,
    order,
    limit,
    after: toPlace(scope, cursor),
    format,
    view: 'raw',
    scope,
  };
}

function refuseUnfit(view: View, format: TrackRequest['format']): void {
  if (view !== 'both' || format === undefined || format === 'json') return;
  throw new BadRequest('invalid_parameter', 'Points with their corrections come as JSON only.', { pointer: '?view' });
}

/** @throws BadRequest */
export function toTrackRequest(path: Parameters, parameters: Parameters): TrackRequest {
  const { owner, task } = parseParameters(trackPathSchema, path);
  const { from, to, order, limit, cursor, format, view } = parseParameters(timedTrackQuerySchema, parameters);
  refuseUnfit(view, format);
  const range = toRange(from ?? STORED.from, to ?? STORED.to);
  const scope = ['track', owner, task, from, to, order, ...(view === 'raw' ? [] : [view])];
  return { device: owner, task, range, order, limit, after: toPlace(scope, cursor), format, view, scope };
}
