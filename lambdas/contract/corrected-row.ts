import { MINUTE_MS } from './time';
import {
  decodeRow,
  encodePoint,
  minuteKey,
  pointName,
  type TrackRow,
  trackAttributes,
  trackKey,
  writerMark,
} from './track-row';

/**
 * A corrected row lies beside the raw rows of its track, under `c<minute>`: the same points by time, where the device
 * most likely was. Of a point that was replaced altogether the attribute `flaw` says `spike` or `frozen`.
 * It may be behind the raw rows, and is written anew whenever a late point changes the picture.
 */
export const correctedKey = (time: number): string => `c${minuteKey(time).slice(1)}`;

/** Sort keys that all corrected rows of a track lie between. */
export const correctedKeys = { first: 'c', last: 'c~' } as const;

/** Attribute: how much of the raw points was seen. It grows, so that an older correction never replaces a newer one. */
export const seenAttribute = 'n';

/** A corrected row as an item, to be marshalled. @param seen see `seenAttribute` @param expires epoch seconds */
export function encodeCorrectedRow({ device, task, minute, points }: TrackRow, seen: number, expires: number) {
  const texts = points.map((point): [string, string] => [pointName(point.time), encodePoint(point)]);
  return {
    [trackAttributes.track]: trackKey(device, task),
    [trackAttributes.minute]: correctedKey(minute),
    [trackAttributes.expires]: expires,
    [trackAttributes.writer]: writerMark([String(seen), ...texts.map((each) => each.join())]),
    [seenAttribute]: seen,
    ...Object.fromEntries(texts),
  };
}

/**
 * Reads an item (unmarshalled) as a corrected row.
 * @returns undefined where it is another
 * @throws where it has not even keys
 */
export function decodeCorrectedRow(item: Record<string, unknown>): TrackRow | undefined {
  const { minute } = item;
  if (typeof minute !== 'string' || !/^c\d{8}$/.test(minute)) return undefined;
  return decodeRow({ ...item, minute: `r${minute.slice(1)}` });
}

/** @returns up to when points are corrected, exclusive (epoch ms), by the track's newest corrected row */
export const correctedUntil = ({ minute }: TrackRow): number => minute + MINUTE_MS;
