import { z } from 'zod';
import { valkeyEnv } from '../platform/valkey-env';

export const liveEnv = z.object({
  ...valkeyEnv.shape,
  SOCKET_ENDPOINT: z.url(),
  /** Frames a second that one client gets at most. */
  FRAMES_PER_SECOND: z.coerce.number().positive(),
  STALE_AFTER_SECONDS: z.coerce.number().positive(),
  /** How long a viewer's pseudonym of a vehicle lasts. */
  PSEUDONYM_MINUTES: z.coerce.number().positive(),
  /** For how long at most a vehicle is withheld from viewers when its pseudonym changes. */
  PSEUDONYM_SILENCE_SECONDS: z.coerce.number().positive(),
});
