import { z } from 'zod';

/** Where a partition of the history lives. Cold and frozen partitions come with the tiers. */
export const tierSchema = z.enum(['hot', 'cold', 'frozen']);

/** A row of the `partitions` table: what is known of one city's local day. */
export const partitionSchema = z
  .object({
    city: z.string().meta({ example: 'porto' }),
    day: z.iso.date().meta({ description: 'The city’s local day.', example: '2026-07-01' }),
    tier: tierSchema,
    /** First and last moment of the local day, epoch ms: 23 or 25 hours apart where the clock changes. */
    from: z.int(),
    to: z.int(),
    /** The search index, where the tier has one. */
    index: z.string().optional(),
  })
  .meta({ id: 'Partition' });

export type Partition = z.infer<typeof partitionSchema>;
