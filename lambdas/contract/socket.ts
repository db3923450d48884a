import { z } from 'zod';
import { idSchema, subscriptionIdSchema } from './ids';
import { partitionSchema } from './partition';
import { trackedPositionSchema, vehiclePositionSchema } from './position';
import { searchQuerySchema } from './reads';
import { deviceReportSchema, feederReportSchema, receiptSchema, refusalSchema } from './reports';

/** A box on the map in degrees; `west` > `east` crosses the antimeridian. */
export const viewportSchema = z
  .strictObject({
    west: z.number().min(-180).max(180),
    south: z.number().min(-90).max(90),
    east: z.number().min(-180).max(180),
    north: z.number().min(-90).max(90),
  })
  .refine((box) => box.south <= box.north, { message: 'south lies north of north', path: ['south'] })
  .meta({ id: 'Viewport' });

export type Viewport = z.infer<typeof viewportSchema>;

const type = <T extends string>(name: T) => ({ type: z.literal(name) });

export const subscribeSchema = z.union([
  z.strictObject({ ...type('subscribe'), id: subscriptionIdSchema, viewport: viewportSchema }),
  z.strictObject({ ...type('subscribe'), id: subscriptionIdSchema, device: idSchema }),
]);
export const unsubscribeSchema = z.strictObject({ ...type('unsubscribe'), id: subscriptionIdSchema });
export const pingSchema = z.strictObject({ ...type('ping') });
/** The report’s fields stand beside `type`; `id` comes back with the receipt. */
export const socketReportSchema = z.union([
  z.strictObject({ ...type('report'), id: subscriptionIdSchema.optional(), ...deviceReportSchema.shape }),
  z.strictObject({ ...type('report'), id: subscriptionIdSchema.optional(), ...feederReportSchema.shape }),
]);
/** The same parameters as the HTTP search, as strings. */
export const socketSearchSchema = z.strictObject({
  ...type('search'),
  id: subscriptionIdSchema,
  ...searchQuerySchema.omit({ cursor: true }).shape,
});

/** What a client sends. */
export const clientMessages = {
  report: socketReportSchema,
  subscribe: subscribeSchema,
  unsubscribe: unsubscribeSchema,
  search: socketSearchSchema,
  ping: pingSchema,
} as const;

const frame = { id: subscriptionIdSchema, positions: z.array(vehiclePositionSchema), left: z.array(z.string()) };

/** What the server sends. */
export const serverMessages = {
  snapshot: z
    .object({
      ...type('snapshot'),
      ...frame,
      names: z.object({ until: z.int(), everyMs: z.number() }).optional().meta({
        description:
          'Where vehicles go by pseudonyms: all of them end at `until` (epoch milliseconds by the server’s clock), and again each `everyMs`. Forget every vehicle then; most have left shortly before, and come back shortly after under other names.',
      }),
    })
    .meta({ description: 'What is in view on subscribing.' }),
  positions: z
    .object({ ...type('positions'), ...frame })
    .meta({ description: 'The newest position of each vehicle that moved, and who left.' }),
  receipt: z.object({ ...type('receipt'), id: subscriptionIdSchema.optional(), ...receiptSchema.shape }),
  unsubscribed: z.object({ ...type('unsubscribed'), id: subscriptionIdSchema }),
  partition: z
    .object({
      ...type('partition'),
      id: subscriptionIdSchema,
      partition: partitionSchema.pick({ city: true, day: true, tier: true }),
      positions: z.array(z.object({ ...trackedPositionSchema.shape, distance: z.number().optional() })),
    })
    .meta({ description: 'What one partition had for a search; a large one comes as several frames.' }),
  done: z.object({ ...type('done'), id: subscriptionIdSchema, partitions: z.int(), positions: z.int() }),
  error: z.object({
    ...type('error'),
    id: z.string().optional(),
    code: z.string(),
    detail: z.string(),
    pointer: z.string().optional(),
    retryAfterSeconds: z.number().optional(),
    refused: z.array(refusalSchema).optional(),
    serverTime: z.int().optional(),
  }),
  pong: z.object({
    ...type('pong'),
    serverTime: z.int(),
    subscriptions: z
      .array(subscriptionIdSchema)
      .optional()
      .meta({ description: 'Those in force: subscribe again where yours is not among them. Left out where unknown.' }),
  }),
} as const;

export type ServerMessage = {
  [K in keyof typeof serverMessages]: z.infer<(typeof serverMessages)[K]>;
}[keyof typeof serverMessages];
