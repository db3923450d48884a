import { z } from 'zod';

export const correctionEnv = z.object({
  TRACKS_TABLE: z.string(),
  RETENTION_DAYS: z.coerce.number().int().positive(),
});
