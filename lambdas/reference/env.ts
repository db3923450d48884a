import { z } from 'zod';

export const referenceEnv = z.object({ SOCKET_URL: z.url() });
