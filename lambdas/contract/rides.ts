import { z } from 'zod';
import { idSchema } from './ids';
import { cursorSchema } from './reads';

/** What the device was doing; it changes nothing about how statistics are kept. */
export const activitySchema = z
  .enum(['cycling', 'running', 'walking', 'hiking', 'driving', 'delivery', 'transit', 'other'])
  .meta({ id: 'Activity', description: 'What the device is doing.', example: 'cycling' });

export type Activity = z.infer<typeof activitySchema>;

export const rideBodySchema = z
  .strictObject({ task: idSchema, activity: activitySchema })
  .meta({ id: 'RideStart', description: 'A ride to begin: the task that its points will name.' });

export const ridePathSchema = z.strictObject({ task: idSchema });

const ownerSchema = idSchema.optional().meta({ description: 'Whose; your own by default. Others’ for operators.' });

export const rideQuerySchema = z.strictObject({ owner: ownerSchema });

export const ridesQuerySchema = z.strictObject({
  owner: ownerSchema,
  cursor: cursorSchema.optional(),
  limit: z
    .string()
    .regex(/^\d{1,9}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(1).max(100))
    .default(20),
});

const moment = z.int().meta({ description: 'Epoch milliseconds.' });
const metres = z.number().meta({ description: 'Metres.' });
const speed = z.number().meta({ description: 'm/s.' });

export const boundingBoxSchema = z
  .object({ west: z.number(), south: z.number(), east: z.number(), north: z.number() })
  .meta({ id: 'BoundingBox', description: 'Degrees; west > east where it crosses the antimeridian.' });

/** Statistics of all points stored so far, whatever the order in which they came. `docs/rides.md` defines each. */
export const statisticsSchema = z
  .object({
    points: z.int().meta({ description: 'Points stored.' }),
    startedAt: moment,
    endedAt: moment,
    distance: metres,
    elapsedSeconds: z.number(),
    movingSeconds: z.number(),
    averageSpeed: z.number().meta({ description: 'm/s, over the time moving.' }),
    maximumSpeed: speed,
    ascent: metres.optional(),
    descent: metres.optional(),
    boundingBox: boundingBoxSchema,
    polyline: z.string().meta({
      description: 'The way simplified to at most 65 places: Google’s encoded polyline, five decimals.',
    }),
    gaps: z
      .object({ count: z.int(), seconds: z.number() })
      .meta({ description: 'Times without a point for 3 minutes.' }),
    spikes: z.int().meta({ description: 'Points that jump away and back, left out of the figures.' }),
  })
  .meta({ id: 'RideStatistics' });

export type Statistics = z.infer<typeof statisticsSchema>;

/** A ride without what its points say: the same however often it is asked for. */
export const rideHeadSchema = z
  .object({
    owner: idSchema,
    task: idSchema,
    state: z.enum(['active', 'finished']),
    activity: activitySchema.optional().meta({ description: 'Absent where nobody said.' }),
    createdAt: moment.meta({ description: 'When the ride was first known, epoch milliseconds.' }),
    finishedAt: moment.optional(),
  })
  .meta({ id: 'RideHead' });

export type RideHead = z.infer<typeof rideHeadSchema>;

export const rideSchema = z
  .object({
    ...rideHeadSchema.shape,
    lateArrivalAt: moment
      .optional()
      .meta({ description: 'When points last came that lie before others which were known: epoch milliseconds.' }),
    statistics: statisticsSchema.optional().meta({ description: 'Absent as long as there is no point.' }),
  })
  .meta({ id: 'Ride' });

export type Ride = z.infer<typeof rideSchema>;

export const ridesPageSchema = z
  .object({ rides: z.array(rideSchema), next: cursorSchema.optional() })
  .meta({ id: 'RidesPage', description: 'Newest first.' });

export type RidesPage = z.infer<typeof ridesPageSchema>;
