import { z } from 'zod';
import { type CursorScope, cursorKind, decodeCursor, encodeCursor } from '../contract/cursor';
import { BadRequest, parseParameters } from '../contract/errors';
import { trackPathSchema, trackQuerySchema } from '../contract/reads';
import type { Entries } from './arrival-store';
import type { TrackPoint } from './decide';
import type { Format } from './formats';

/** A place in a track's journal: all entries before `seq` are read, and so many points of that one. */
export interface ArrivalPlace {
  seq: number;
  offset: number;
}

/** What to read in the order of arrival. */
export interface ArrivalRequest {
  device: string;
  task: string;
  limit: number;
  /** Undefined from the start. */
  after: ArrivalPlace | undefined;
  format: Format | undefined;
  scope: CursorScope;
}

/** Points as they arrived, and where to ask for those that arrive later. */
export interface ArrivalPage {
  points: TrackPoint[];
  next: ArrivalPlace;
  /** Whether anything is known of the track; asked for only where reading starts. */
  known: boolean;
}

const START: ArrivalPlace = { seq: 1, offset: 0 };

/** Entries of one query at most. */
const ENTRIES = 500;

const stateSchema = z.strictObject({
  kind: z.literal('arrival'),
  seq: z.int().min(1).max(9_999_999_999),
  offset: z.int().min(0),
});

type Parameters = Record<string, string | undefined>;

/** @throws BadRequest */
export function toArrivalRequest(path: Parameters, parameters: Parameters): ArrivalRequest {
  const { owner, task } = parseParameters(trackPathSchema, path);
  const { from, to, view, cursor, limit, format } = parseParameters(trackQuerySchema, parameters);
  const unfit = [from !== undefined && 'from', to !== undefined && 'to', view !== 'raw' && 'view'].find(Boolean);
  if (unfit) {
    const detail = 'In the order of arrival the whole track is read, as it was reported.';
    throw new BadRequest('invalid_parameter', detail, { pointer: `?${unfit}` });
  }
  const scope = ['track', owner, task, 'arrival'];
  return { device: owner, task, limit, after: toPlace(scope, cursor), format, scope };
}

function toPlace(scope: CursorScope, cursor: string | undefined): ArrivalPlace | undefined {
  if (cursor === undefined) return undefined;
  const { seq, offset } = decodeCursor(scope, cursor, stateSchema);
  return { seq, offset };
}

/** @returns the cursor of what arrives behind a place */
export const toArrivalCursor = (scope: CursorScope, { seq, offset }: ArrivalPlace): string =>
  encodeCursor(scope, { kind: 'arrival', seq, offset });

/** @returns whether a request without an order goes on where one in the order of arrival ended */
export function goesOnByArrival(cursor: string | undefined): boolean {
  return cursorKind(cursor) === 'arrival';
}

/** Where entries come from; see `JournalReads.entries`. */
type Read = (from: number, limit: number, consistent: boolean) => Promise<Entries>;

interface Size {
  points: number;
  bytes: number;
  /** @returns bytes that a point takes of them */
  measure(point: TrackPoint): number;
}

/**
 * Reads a page of a journal. Entries are numbered without a gap, and an entry is there before the next: a reader that
 * sees a gap has met a replica that lags, and asks again, consistently. What is missing then has expired.
 */
export async function arrivalPage(
  read: Read,
  task: string,
  after: ArrivalPlace | undefined,
  size: Size,
): Promise<ArrivalPage> {
  const place = after ?? START;
  const width = Math.min(size.points, ENTRIES);
  let found = await read(place.seq, width, false);
  if (found.entries.some(({ seq }, index) => seq !== place.seq + index)) found = await read(place.seq, width, true);
  const points: TrackPoint[] = [];
  let next = place;
  let bytes = 0;
  for (const { seq, points: entered } of found.entries) {
    const start = seq === place.seq ? place.offset : 0;
    for (const [index, point] of entered.entries()) {
      if (index < start) continue;
      bytes += size.measure({ task, ...point });
      const full = points.length >= size.points || bytes > size.bytes;
      if (full && points.length > 0) return { points, next: { seq, offset: index }, known: true };
      points.push({ task, ...point });
    }
    next = { seq: seq + 1, offset: 0 };
  }
  return { points, next, known: after !== undefined || found.entries.length > 0 || found.begun };
}
