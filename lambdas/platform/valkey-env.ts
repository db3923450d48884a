import { z } from 'zod';

/** How a function reaches Valkey. `rediss://` asks for TLS; the user signs in with its role's identity (IAM). */
export const valkeyEnv = z.object({
  VALKEY_URL: z.url({ protocol: /^rediss?$/ }),
  VALKEY_USER: z.string(),
  VALKEY_CACHE: z.string().meta({ description: 'The cache’s name, which an IAM token is made for.' }),
  AWS_REGION: z.string(),
});
export type ValkeyEnvironment = z.infer<typeof valkeyEnv>;
