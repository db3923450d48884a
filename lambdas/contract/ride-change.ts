import { z } from 'zod';
import { idSchema } from './ids';
import { minutesAttribute } from './journal';

/** What the stream of the `rides` table says to who follows tracks. */
export interface RideChange {
  device: string;
  task: string;
  /** Minutes (starts, epoch ms) that points were added to. */
  minutes: number[];
  /** Start of the track's newest minute, as far as its ride is counted (epoch ms); undefined where it has no points. */
  newest: number | undefined;
  /** Nothing more is expected. */
  finished: boolean;
}

const trackSchema = z
  .string()
  .transform((key) => key.split('#'))
  .pipe(z.tuple([idSchema, idSchema]));

/** An entry of the journal: see `JournalEntry`. */
const entrySchema = z
  .object({
    owner: trackSchema,
    ride: z.string().regex(/^j\d{10}$/),
    [minutesAttribute]: z.array(z.int()),
    newest: z.int(),
  })
  .transform(({ owner: [device, task], [minutesAttribute]: minutes, newest }) => ({
    ...{ device, task, minutes, newest },
    finished: false,
  }));

/** A ride's own item: under its owner, `<created, 13 digits>#<task>`. */
const rideSchema = z
  .object({
    owner: idSchema,
    ride: z.string().regex(/^\d{13}#/),
    newest: z.int().optional(),
    finishedAt: z.int().optional(),
  })
  .transform(({ owner, ride, newest, finishedAt }) => ({
    device: owner,
    task: ride.slice(14),
    minutes: [],
    newest,
    finished: finishedAt !== undefined,
  }));

/**
 * Reads an image of the rides table's stream (unmarshalled).
 * @returns undefined where it tells nothing of that: a ride under way, or an hour of its statistics
 * @throws ZodError where it claims to be an entry or a ride and can't be read
 */
export function decodeRideChange(item: Record<string, unknown>): RideChange | undefined {
  const { ride } = item;
  if (typeof ride !== 'string') return undefined;
  if (ride.startsWith('j')) return entrySchema.parse(item);
  if (!/^\d/.test(ride)) return undefined;
  const change = rideSchema.parse(item);
  return change.finished ? change : undefined;
}
