import { z } from 'zod';

/** What the processes of the load tell each other, as JSON. */

const place = { lat: z.number(), lon: z.number() };
const viewport = z.object({ west: z.number(), south: z.number(), east: z.number(), north: z.number() });
const vehicle = z.object({ id: z.string(), ...place, heading: z.number(), speed: z.number() });

/** Each answered by a message of the same `id`. */
export const orderSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('drive'),
    id: z.int(),
    api: z.url(),
    vehicles: z.array(vehicle),
    /** index of the first vehicle among all: each has an address of its own */
    first: z.int(),
    pointsPerReport: z.int().min(1),
    /** ledgers of one device in so many have all points */
    sampleEvery: z.int().min(1),
  }),
  z.object({
    do: z.literal('watch'),
    id: z.int(),
    ws: z.url(),
    token: z.string(),
    viewports: z.array(viewport),
  }),
  /** reports a second of this process; 0 stops, and is answered when nothing is under way */
  z.object({ do: z.literal('rate'), id: z.int(), rate: z.number().min(0) }),
  z.object({ do: z.literal('sample'), id: z.int() }),
  z.object({ do: z.literal('ledger'), id: z.int() }),
  z.object({ do: z.literal('views'), id: z.int() }),
  /** points whose time is a multiple of so many ms are traced; 0 traces none */
  z.object({ do: z.literal('trace'), id: z.int(), every: z.int().min(0) }),
  z.object({ do: z.literal('traced'), id: z.int() }),
  z.object({ do: z.literal('close'), id: z.int() }),
]);
export type Order = z.infer<typeof orderSchema>;

const latencies = z.array(z.tuple([z.number(), z.number()]));

/** What happened in one process since the last sample. */
export const sampleSchema = z.object({
  /** milliseconds since the last sample */
  elapsedMs: z.number(),
  /** CPU time of the process in that time (ms) */
  cpuMs: z.number(),
  rssBytes: z.number(),
  /** request sent → answered */
  ingest: latencies,
  /** request sent → frame received, of each position that each viewer was told */
  push: latencies,
  reports: z.number(),
  accepted: z.number(),
  refused: z.number(),
  /** requests that were sent again */
  retried: z.number(),
  /** reports that were not sent as their device still waited for an answer */
  behind: z.number(),
  /** points of requests that nothing is known of */
  unsure: z.number(),
  frames: z.number(),
  frameBytes: z.number(),
  /** subscriptions that were lost, or answered by an error, or whose socket closed, and were made again */
  resubscribed: z.number(),
});
export type ProcessSample = z.infer<typeof sampleSchema>;

const seen = z.object({ time: z.number(), ...place });
export type Seen = z.infer<typeof seen>;

export const deviceLedgerSchema = z.object({
  device: z.string(),
  /** points answered as accepted */
  accepted: z.number(),
  /** sum of their times, counted from the first: two sets of as many points seldom have the same */
  firstTime: z.number(),
  timeSum: z.number(),
  unsure: z.number(),
  newest: seen.optional(),
  /** all of them, of devices in the sample */
  points: z.array(seen).optional(),
});
export type DeviceLedger = z.infer<typeof deviceLedgerSchema>;

export const viewSchema = z.object({ viewport, shown: z.array(seen) });
export type View = z.infer<typeof viewSchema>;

/** `[time of the point, when it was there]`, epoch ms. */
export const tracedSchema = z.array(z.tuple([z.number(), z.number()]));

export const replySchema = z.object({ id: z.int(), error: z.string().optional(), value: z.unknown().optional() });
