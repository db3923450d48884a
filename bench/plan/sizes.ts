import { encodeBatch } from '../../lambdas/contract/batch';
import { encodeEntry } from '../../lambdas/contract/journal';
import type { Position } from '../../lambdas/contract/position';
import { MINUTE_MS } from '../../lambdas/contract/time';
import { encodePoint, minuteKey, pointName, trackAttributes, trackKey } from '../../lambdas/contract/track-row';

/** What a phone sends: place, accuracy, speed and heading. Sizes follow from the contract's own encoding. */
const sample = (time: number): Position => ({
  time,
  lat: 41.157_943,
  lon: -8.629_105,
  accuracy: 5,
  speed: 8.4,
  heading: 271,
});
const device = 'driver-1234567';
const task = 'shift';
const AT = 1_763_719_200_000;

/** Bytes of a request's record in the stream, its partition key with it. */
export function recordBytes(points: number): number {
  const batch = {
    device,
    task,
    at: AT,
    points: Array.from({ length: points }, (_, index) => sample(AT + index * 1_000)),
  };
  return encodeBatch(batch).length + device.length;
}

/** Bytes that a point takes in its row: the attribute's name and value. */
export const pointBytes = pointName(15_000).length + encodePoint(sample(AT)).length;

/**
 * Bytes of a row without points: its keys and its expiry (some 7 bytes as a number), by the sum of names and values.
 * Source: "DynamoDB item sizes and formats", developer guide.
 */
export const rowBytes =
  trackAttributes.track.length +
  trackKey(device, task).length +
  trackAttributes.minute.length +
  minuteKey(AT).length +
  trackAttributes.expires.length +
  7;

const minuteOf = (time: number) => time - (time % MINUTE_MS);

/** Bytes of a journal entry of so many points in so many rows, as JSON of its item: a little more than DynamoDB counts. */
export function entryBytes(points: number, rows: number): number {
  const positions = Array.from({ length: Math.round(points) }, (_, index) => sample(AT + index * 1_000));
  const versions = Object.fromEntries(
    Array.from({ length: Math.round(rows) }, (_, index) => [minuteKey(AT + index * MINUTE_MS), 12]),
  );
  const entry = { device, task, seq: 1_000, at: AT, points: positions, rows: versions, newest: minuteOf(AT) };
  return JSON.stringify(encodeEntry(entry, AT / 1_000)).length;
}
