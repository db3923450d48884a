import { z } from 'zod';
import { idSchema } from './ids';
import { limits } from './limits';
import { partitionSchema } from './partition';
import { pointSchema, trackedPositionSchema } from './position';
import { momentSchema } from './time';

const number = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, 'is not a number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));
/** A whole number: a query string has it as text, a message as a number. */
const integer = (min: number, max: number) =>
  z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^\d{1,9}$/)
          .transform(Number),
      ],
      'is not a whole number',
    )
    .pipe(z.number().min(min).max(max));

export const cursorSchema = z
  .string()
  .max(2_048)
  .regex(/^[A-Za-z0-9_-]+$/, 'is not a cursor of ours')
  .meta({ description: 'Where the last page ended: pass it back as it came.' });

export const devicePathSchema = z.strictObject({ id: idSchema });
export const trackPathSchema = z.strictObject({ owner: idSchema, task: idSchema });

export const latestSchema = trackedPositionSchema.meta({ id: 'LatestPosition' });

export const nearbyQuerySchema = z.strictObject({
  lat: number(-90, 90).meta({ description: 'Latitude in degrees.', example: '41.1496' }),
  lon: number(-180, 180).meta({ description: 'Longitude in degrees.', example: '-8.6109' }),
  radius: number(1, limits.nearbyRadius).default(2_000).meta({ description: 'Metres.', example: '1500' }),
  limit: integer(1, limits.nearbyLimit).default(10),
});

export const nearbySchema = z
  .object({
    positions: z.array(
      z.object({
        vehicle: z.string().meta({ description: 'A rotating pseudonym; the true id for operators.' }),
        distance: z.number().meta({ description: 'Metres, on the sphere.' }),
        ...pointSchema.pick({ time: true, lat: true, lon: true, speed: true, heading: true }).shape,
      }),
    ),
  })
  .meta({ id: 'Nearby', description: 'Nearest first.' });

const page = {
  order: z.enum(['oldest', 'newest']).default('oldest'),
  cursor: cursorSchema.optional(),
  limit: integer(1, limits.pageLimit).default(1_000),
};
const format = {
  format: z.enum(['json', 'geojson', 'gpx', 'csv']).optional().meta({ description: 'Instead of an Accept header.' }),
};

/** `from` inclusive, `to` exclusive. */
export const deviceTracksQuerySchema = z.strictObject({
  from: momentSchema,
  to: momentSchema,
  ...page,
  ...format,
});
export const trackQuerySchema = z.strictObject({
  from: momentSchema.optional(),
  to: momentSchema.optional(),
  ...page,
  order: z
    .enum(['oldest', 'newest', 'arrival'])
    .default('oldest')
    .meta({
      description:
        'By time; or as the points arrived, late ones included: then there is always a `next`, which leads to what ' +
        'arrives later, and each point comes once.',
    }),
  ...format,
  view: z
    .enum(['raw', 'corrected', 'both'])
    .default('raw')
    .meta({
      description:
        'The points as they were reported; where the device most likely was, at the same times; or each point with its ' +
        'correction beside it (in JSON only). Corrections follow some minutes behind: `correctedUntil` says how far they are.',
    }),
});

/** A track in the order of time. */
export const timedTrackQuerySchema = trackQuerySchema.extend({ order: page.order });

export const trackPageSchema = z
  .object({
    device: z.string(),
    positions: z.array(
      z.object({
        task: z.string(),
        ...pointSchema.shape,
        corrected: pointSchema
          .omit({ time: true })
          .optional()
          .meta({
            description:
              'With `view=both`: where the device most likely was. Of a point that was replaced altogether, the attribute ' +
              '`flaw` says `spike` or `frozen`.',
          }),
      }),
    ),
    correctedUntil: z
      .int()
      .optional()
      .meta({
        description:
          'With `view=corrected` or `both`: points before this time are corrected (epoch milliseconds). Absent where none ' +
          'is. A late point may change them again.',
      }),
    next: cursorSchema.optional().meta({ description: 'There is more: pass it as `cursor`.' }),
  })
  .meta({ id: 'TrackPage' });

const separated = (pattern: RegExp, message: string) => z.string().max(16_384).regex(pattern, message);

/** Areas as they stand in a query string; at most one of them. Boxes may cross the antimeridian (`west` > `east`). */
export const searchQuerySchema = z.strictObject({
  from: momentSchema,
  to: momentSchema,
  devices: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(idSchema).min(1).max(200))
    .optional()
    .meta({ description: 'Device ids, comma-separated.', example: 'taxi-20000589,taxi-20000596' }),
  box: separated(/^-?[\d.]+(,-?[\d.]+){3}$/, 'is not west,south,east,north')
    .optional()
    .meta({ description: 'west,south,east,north in degrees.', example: '-8.63,41.14,-8.60,41.16' }),
  polygon: separated(/^-?[\d.]+,-?[\d.]+(;-?[\d.]+,-?[\d.]+){2,}$/, 'is not lon,lat;lon,lat;lon,lat…')
    .optional()
    .meta({ description: 'Corners as lon,lat;lon,lat;…', example: '-8.63,41.14;-8.60,41.14;-8.61,41.16' }),
  circle: separated(/^-?[\d.]+,-?[\d.]+,[\d.]+$/, 'is not lon,lat,radius')
    .optional()
    .meta({ description: 'lon,lat,radius in metres.', example: '-8.61,41.15,500' }),
  sort: z.enum(['time', '-time', 'distance']).default('time'),
  near: separated(/^-?[\d.]+,-?[\d.]+$/, 'is not lon,lat')
    .optional()
    .meta({
      description: 'lon,lat that `sort=distance` measures from; a circle’s centre by default.',
      example: '-8.61,41.15',
    }),
  cursor: cursorSchema.optional(),
  limit: integer(1, limits.pageLimit).default(500),
});

export const searchPageSchema = z
  .object({
    partitions: z
      .array(partitionSchema.pick({ city: true, day: true, tier: true }))
      .meta({ description: 'What this page was drawn from.' }),
    positions: z.array(z.object({ ...trackedPositionSchema.shape, distance: z.number().optional() })),
    next: cursorSchema.optional(),
  })
  .meta({ id: 'SearchPage' });

export const ticketSchema = z
  .object({ ticket: z.string(), expiresAt: z.int().meta({ description: 'Epoch milliseconds.' }) })
  .meta({ id: 'Ticket', description: 'Opens one WebSocket, once, as `?ticket=…`.' });

export const healthSchema = z.object({ status: z.literal('ok'), serverTime: z.int() }).meta({ id: 'Health' });
