import { z } from 'zod';
import { readEnvironment } from './environment';

/** Lambda sets them for the life of an instance, and ends the instance before they expire. */
const roleEnv = z.object({
  AWS_ACCESS_KEY_ID: z.string(),
  AWS_SECRET_ACCESS_KEY: z.string(),
  AWS_SESSION_TOKEN: z.string().optional(),
});

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/**
 * The function's role, as Lambda hands it over. In a bundle the SDK's clients take it as well, by this name, instead of
 * their chain of providers (scripts/left-out.ts): a function has no profile, no single sign-on and no metadata service.
 */
export const defaultProvider = () => async (): Promise<Credentials> => {
  const env = readEnvironment(roleEnv);
  return {
    accessKeyId: env.AWS_ACCESS_KEY_ID,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
  };
};
