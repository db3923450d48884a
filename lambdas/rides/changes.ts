import type { Position } from '../contract/position';
import { MINUTE_MS } from '../contract/time';
import { decodeRow, rowVersion, type TrackRow } from '../contract/track-row';
import type { Change } from '../platform/streams';

export const HOUR_MS = 3_600_000;

/** A row of a track that changed, as the table's stream reports it. */
export interface RowChange {
  device: string;
  task: string;
  /** The row's sort key, e.g. `r29933220`, or `r29933220s014` where the minute overflowed. */
  row: string;
  /** Start of the minute, epoch ms. */
  minute: number;
  before: Image | undefined;
  after: Image;
}

/** What a row held at one time. Of two images the one with the higher version is the newer. */
export interface Image {
  version: number;
  /** In order of time. */
  points: Position[];
}

const toImage = (row: TrackRow): Image => ({ version: rowVersion(row), points: row.points });

const readRow = (item: Record<string, unknown> | undefined) => item && decodeRow(item);

/** A minute's row, or one of half a second of a minute that overflowed. Devices might write others, which count nowhere. */
const ROW = /^r(\d{8})(?:s(\d{3}))?$/;

/**
 * Reads a change of the tracks table.
 * @returns undefined where no raw row was written: the registry, corrected rows, and what expires
 * @throws where it claims to be a row and can't be read
 */
export function toRowChange({ before, after }: Change): RowChange | undefined {
  const row = readRow(after);
  const old = readRow(before);
  if (after === undefined || row === undefined || !ROW.test(String(after.minute))) return undefined;
  if (row.points.length === 0 && !old?.points.length) return undefined;
  const { device, task, minute } = row;
  return { device, task, row: String(after.minute), minute, before: old && toImage(old), after: toImage(row) };
}

export const hourOf = (time: number): number => Math.floor(time / HOUR_MS) * HOUR_MS;

/** Which rows of an hour are known, and the version of each, by the row's number within the hour. */
export type Versions = ReadonlyMap<number, number>;

/** Minutes of an hour; the overflow rows of a minute are numbered on behind all minutes. */
const MINUTES = HOUR_MS / MINUTE_MS;

/**
 * @returns a row's number within its hour: its minute, and 60 more for each half second of an overflow row
 * @throws RangeError where the sort key is no row's
 */
export function rowNumber(row: string): number {
  const [, minute, part] = ROW.exec(row) ?? [];
  if (minute === undefined) throw new RangeError(`not a row: ${row}`);
  return (Number(minute) % MINUTES) + (part === undefined ? 0 : MINUTES * (Number(part) + 1));
}

/** @returns whether a minute of the hour has overflow rows among those known */
export const overflows = (versions: Versions, minute: number): boolean =>
  [...versions.keys()].some((number) => number >= MINUTES && number % MINUTES === (minute / MINUTE_MS) % MINUTES);
