import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { packedPointSchema, packPoint } from './batch';
import { idSchema } from './ids';
import type { Position } from './position';
import { MINUTE_MS } from './time';
import { trackKey } from './track-row';

/**
 * An entry of a track's journal: the points that one step added to the track, in the order of arrival. The journal lies
 * in the `rides` table under the track's key, numbered one after the other from 1. Each stored point is in exactly one
 * entry, whatever was retried or replayed; an entry never changes.
 */
export interface JournalEntry {
  device: string;
  task: string;
  /** The number of the entry, from 1; the ride's version once it is applied. */
  seq: number;
  /** When the points were entered, epoch ms. */
  at: number;
  /** In order of time. */
  points: Position[];
  /** The rows that the points came from, by their sort keys, and the version of each that is known with this entry. */
  rows: Record<string, number>;
  /** Start of the track's newest minute with points, these included, as far as rides are counted (epoch ms). */
  newest: number;
  /** All points lie in the minute that was the track's newest already: whoever looks at whole minutes need not look. */
  continues?: true;
}

/** Names of the `rides` table's key attributes and of what expires. */
export const rideAttributes = { owner: 'owner', ride: 'ride', expires: 'expires' } as const;

/** @returns the sort key of an entry, e.g. `j0000000012`; the partition key is the track's, `owner#task` */
export const journalKey = (seq: number): string => `j${String(seq).padStart(10, '0')}`;

/** Sort key of what says, under the track's key too, that the track has a ride. It follows the journal. */
export const ridePlaceKey = 'place';

/** Attribute of an entry: the minutes (epoch ms) in which its points lie, for a filter to look for. */
export const minutesAttribute = 'minutes';

/** Attribute of an entry that only continues the newest minute, for a filter to leave out. */
export const continuesAttribute = 'continues';

/** An item holds 400 KB; points as long as this are deflated. Minutes at their limit are little more than that. */
const DEFLATE_BYTES = 64 * 1024;

/** An entry as an item of the `rides` table, to be marshalled. @param expires epoch seconds */
export function encodeEntry({ device, task, seq, at, points, rows, newest, continues }: JournalEntry, expires: number) {
  const packed = JSON.stringify(points.map(packPoint));
  return {
    [rideAttributes.owner]: trackKey(device, task),
    [rideAttributes.ride]: journalKey(seq),
    [rideAttributes.expires]: expires,
    at,
    rows,
    newest,
    [minutesAttribute]: [...new Set(points.map(({ time }) => Math.floor(time / MINUTE_MS) * MINUTE_MS))],
    points: Buffer.byteLength(packed) < DEFLATE_BYTES ? packed : deflateRawSync(packed),
    ...(continues && { [continuesAttribute]: true }),
  };
}

const itemSchema = z.object({
  owner: z
    .string()
    .transform((key) => key.split('#'))
    .pipe(z.tuple([idSchema, idSchema])),
  ride: z.string().regex(/^j\d{10}$/),
  at: z.int(),
  rows: z.record(z.string(), z.int()).default({}),
  newest: z.int(),
  [continuesAttribute]: z.literal(true).optional(),
  points: z.union([z.string(), z.instanceof(Uint8Array).transform((data) => inflateRawSync(data).toString('utf8'))]),
});

const pointsSchema = z.array(packedPointSchema).min(1);

/** @returns whether a sort key of the `rides` table is an entry's */
export const isJournalKey = (ride: unknown): boolean => typeof ride === 'string' && ride.startsWith('j');

/**
 * Reads an item or a stream image (unmarshalled) as an entry.
 * @returns undefined where the item is none: rides and hours lie in the same table
 * @throws SyntaxError or ZodError where it claims to be an entry and can't be read
 */
export function decodeEntry(item: Record<string, unknown>): JournalEntry | undefined {
  if (!isJournalKey(item[rideAttributes.ride])) return undefined;
  const { owner, ride, at, points, rows, newest, continues } = itemSchema.parse(item);
  const [device, task] = owner;
  return {
    ...{ device, task, seq: Number(ride.slice(1)), at, points: pointsSchema.parse(JSON.parse(points)), rows, newest },
    ...(continues && { continues }),
  };
}
