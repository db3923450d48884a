import { z } from 'zod';
import { valkeyEnv } from '../platform/valkey-env';

const limit = z.coerce.number().positive();

/** Limits are token buckets: so many requests a second, and so many at once. */
export const ingestEnv = z.object({
  ...valkeyEnv.shape,
  POSITIONS_STREAM: z.string(),
  RETENTION_DAYS: z.coerce.number().int().positive(),
  DEVICE_RATE: limit,
  DEVICE_BURST: limit,
  ADDRESS_RATE: limit,
  ADDRESS_BURST: limit,
});

/** For apps with a device key, whose messages have a limit of their own. */
export const appEnv = z.object({
  ...ingestEnv.shape,
  KEYS_TABLE: z.string(),
  APP_RATE: limit,
  APP_BURST: limit,
});
