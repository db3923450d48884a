import { z } from 'zod';

export const ticketEnv = z.object({ TICKETS_TABLE: z.string() });

export const authorizeEnv = z.object({
  TICKETS_TABLE: z.string(),
  /** The issuer's URL, whose keys verify tokens. */
  TOKEN_ISSUER: z.url(),
  /** The app client that tokens are made for. */
  TOKEN_AUDIENCE: z.string(),
});
