import { z } from 'zod';
import { idSchema } from './ids';
import { trackAttributes } from './track-row';

/**
 * What a device asks for to write its rows itself. `docs/direct-write.md` has how rows are written; the names below are
 * those of `contract/track-row.ts`.
 */
export const credentialsRequestSchema = z
  .strictObject({
    taskId: idSchema.meta({
      description: 'The one task that may be written: a ride that exists, or a local day such as 2026-07-01.',
    }),
    deviceId: idSchema
      .optional()
      .meta({ description: 'Whose rows: only your own, which is meant where it is left out.' }),
  })
  .meta({ id: 'CredentialsRequest' });

export type CredentialsRequest = z.infer<typeof credentialsRequestSchema>;

const moment = z.int();
const attribute = z.string();

/** How a row is written. */
const rowSchema = z
  .object({
    partitionKey: z.object({ name: attribute, value: z.string() }).meta({
      description: 'The partition key: the only value that the credentials may write to.',
      example: { name: 'track', value: 'rider-1#ride-7' },
    }),
    sortKey: z.object({ name: attribute, prefix: z.string(), digits: z.int() }).meta({
      description: 'The sort key: the prefix, then the minute since the epoch (time / 60000) with so many digits.',
      example: { name: 'minute', prefix: 'r', digits: 8 },
    }),
    expires: z.object({ name: attribute, secondsAfterMinute: z.int() }).meta({
      description: 'A number, epoch seconds: the minute’s start and so many seconds.',
      example: { name: 'expires', secondsAfterMinute: 34_560_060 },
    }),
    point: z.object({ prefix: z.string() }).meta({
      description:
        'Each point is an attribute of its own: the prefix, then its milliseconds into the minute without leading ' +
        'zeros. Its value is text: `lat,lon,accuracy,speed,heading,altitude`, nothing where a figure is unknown and no ' +
        'commas at the end, then its free attributes as JSON.',
      example: { prefix: 'p' },
    }),
    pointsPerUpdate: z.int().meta({ description: 'Points of one UpdateItem, at most.' }),
    updateExpression: z.string().meta({
      description:
        'What an UpdateItem of a row says, with one `p…` for each point; `#e` is the name of what expires. Other ' +
        'attributes are denied, as is any `ReturnValues`.',
      example: 'SET #e = if_not_exists(#e, :e), p15000 = if_not_exists(p15000, :0)',
    }),
  })
  .meta({ id: 'DirectRow' });

/** Temporary credentials of one task, and what to do with them. */
export const directWriteSchema = z
  .object({
    credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string() }),
    expiresAt: moment.meta({ description: 'Epoch milliseconds. After it every write is denied.' }),
    renewAt: moment.meta({
      description: 'Ask again from then on (epoch milliseconds). Until `expiresAt` is the time that we may be away.',
    }),
    region: z.string(),
    endpoint: z.url().optional().meta({ description: 'Of DynamoDB, where it is not the region’s own.' }),
    table: z.string(),
    row: rowSchema,
    futureToleranceMs: z.int().meta({ description: 'A point dated further ahead is taken out again.' }),
    serverTime: moment.meta({ description: 'The server’s clock, epoch milliseconds: mend yours by it.' }),
  })
  .meta({ id: 'DirectWrite' });

export type DirectWrite = z.infer<typeof directWriteSchema>;

const { track, minute, expires } = trackAttributes;

/**
 * What devices may name in an update: keys, expiry, and points, whose names have one to five digits. A pattern can't
 * say “digit”; what else fits is taken out of the row again.
 */
export const writableAttributes = [track, minute, expires, 'p?', 'p??', 'p???', 'p????', 'p?????'];

/**
 * What a device has written and could not stay, counted by UTC day in the `rides` table. Rides lie under an owner,
 * journals under `owner#task`: under `owner#` nothing else does.
 */
export const refusedAttributes = { owner: 'owner', ride: 'ride', expires: 'expires', points: 'refused' } as const;

/** @returns the count's key: partition and sort */
export const refusedKey = (device: string, day: string): { partition: string; sort: string } => ({
  partition: `${device}#`,
  sort: `x${day}`,
});
