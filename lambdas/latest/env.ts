import { z } from 'zod';
import { valkeyEnv } from '../platform/valkey-env';

export const latestEnv = z.object({
  ...valkeyEnv.shape,
  /** A device silent for longer is no longer nearby. */
  STALE_AFTER_SECONDS: z.coerce.number().positive(),
  /** How long a viewer's pseudonym of a vehicle lasts. */
  PSEUDONYM_MINUTES: z.coerce.number().positive(),
  /** For how long at most a vehicle is withheld from viewers when its pseudonym changes. */
  PSEUDONYM_SILENCE_SECONDS: z.coerce.number().positive(),
});

export const positionEnv = z.object({
  ...valkeyEnv.shape,
  TRACKS_TABLE: z.string(),
});
