import { z } from 'zod';

export const devicesEnv = z.object({ KEYS_TABLE: z.string() });
