import { z } from 'zod';

export const ridesEnv = z.object({ RIDES_TABLE: z.string(), RETENTION_DAYS: z.coerce.number().int().positive() });

/** What the consumer of rows reads. */
export const ridesRowsEnv = z.object({
  ...ridesEnv.shape,
  TRACKS_TABLE: z.string(),
  POSITIONS_STREAM: z.string(),
  /** Where what a device wrote and can't stay is set aside. */
  ARCHIVE_BUCKET: z.string(),
  AWS_REGION: z.string(),
  /** Set on the local stack only. */
  AWS_ENDPOINT_URL: z.url().optional(),
});
