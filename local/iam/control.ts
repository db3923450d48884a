import { z } from 'zod';
import type { Roles } from './roles';

const place = z.object({ index: z.int().min(0) });

/**
 * What tests and the command line may see and do of permissions: `withhold` takes a statement of a policy away until
 * `restore` puts it back.
 * @returns routes below `/_local/`, by method and path; the argument is the policy's logical id
 */
export function permissionRoutes(roles: Roles) {
  return {
    'GET permissions': async () => ({ grants: roles.grants(), denials: roles.denials() }),
    'POST permissions/*/withhold': async (policy: string, body: unknown) => {
      roles.withhold({ policy, index: place.parse(body).index });
    },
    'POST permissions/*/restore': async (policy: string, body: unknown) => {
      roles.restore({ policy, index: place.parse(body).index });
    },
    'DELETE permissions': async () => roles.restore(),
  };
}
