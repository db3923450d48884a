import { z } from 'zod';
import type { Partition } from '../contract/partition';
import type { Position, TrackedPosition } from '../contract/position';
import { MINUTE_MS } from '../contract/time';
import { decodePoint, encodePoint, minuteKey, rowVersion, type TrackRow, trackKey } from '../contract/track-row';
import { localDay, localDayBounds } from '../geo/local-day';
import { regionOf } from '../geo/region';

/** What the index keeps of a row: the points that one partition has of it, so that a reader meets each point once. */
export interface RowDocument {
  device: string;
  task: string;
  /** First and last point's time, epoch ms. */
  from: number;
  to: number;
  /** Every point as lon, lat. Searched, and left out of what the index gives back. */
  path: [number, number][];
  /** Every point as `offset value`: ms into the minute, and the value as the row has it. Kept, not searched. */
  points: string[];
}

/** A document and where it goes. The row's version is its version in every partition. */
export interface Entry {
  partition: Partition;
  index: string;
  id: string;
  version: number;
  document: RowDocument;
}

/** Parts of an index's name: lower case, and nothing that OpenSearch gives a meaning to. */
const cityPattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** @throws RangeError where the city can't be part of an index's name */
export function indexName(city: string, day: string): string {
  if (!cityPattern.test(city)) throw new RangeError(`no name for an index: ${city}`);
  return `positions-${city}-${day}`;
}

/** The partition that a position belongs to: its city's local day. */
export function partitionOf({ lat, lon, time }: Position): Partition & { index: string } {
  const { city, timeZone } = regionOf(lat, lon);
  const day = localDay(time, timeZone);
  return { city, day, tier: 'hot', ...localDayBounds(day, timeZone), index: indexName(city, day) };
}

const offset = (time: number) => time % MINUTE_MS;

function toDocument({ device, task }: TrackRow, points: Position[]): RowDocument {
  const times = points.map(({ time }) => time);
  return {
    device,
    task,
    from: Math.min(...times),
    to: Math.max(...times),
    path: points.map(({ lat, lon }) => [lon, lat]),
    points: points.map((point) => `${offset(point.time)} ${encodePoint(point)}`),
  };
}

/** One document in each partition that the row's points touch: a row that crosses a city's edge is in both. */
export function toEntries(row: TrackRow): Entry[] {
  const byIndex = new Map<string, { partition: Partition; points: Position[] }>();
  for (const point of row.points) {
    const partition = partitionOf(point);
    const known = byIndex.get(partition.index) ?? { partition, points: [] };
    known.points.push(point);
    byIndex.set(partition.index, known);
  }
  const id = `${trackKey(row.device, row.task)}#${minuteKey(row.minute)}`;
  return [...byIndex].map(([index, { partition, points }]) => ({
    partition,
    index,
    id,
    version: rowVersion(row),
    document: toDocument(row, points),
  }));
}

/** What a search gets back of a document. */
export const storedRowSchema = z.object({
  device: z.string(),
  task: z.string(),
  from: z.int(),
  points: z.array(z.string()),
});

/** @throws RangeError where a point can't be read */
export function toPositions({ device, task, from, points }: z.infer<typeof storedRowSchema>): TrackedPosition[] {
  const minute = from - offset(from);
  return points.map((text) => {
    const space = text.indexOf(' ');
    return { device, task, ...decodePoint(minute + Number(text.slice(0, space)), text.slice(space + 1)) };
  });
}
