import { z } from 'zod';
import { valkeyEnv } from '../platform/valkey-env';

export const tracksWriteEnv = z.object({
  TRACKS_TABLE: z.string(),
  POSITIONS_STREAM: z.string(),
  RETENTION_DAYS: z.coerce.number().int().positive(),
});

export const tracksReadEnv = z.object({
  ...valkeyEnv.shape,
  TRACKS_TABLE: z.string(),
  /** Holds the journal of what arrived. */
  RIDES_TABLE: z.string(),
});
