import { Redis } from 'ioredis';
import type { Log, Template } from '../model';
import { readAll } from '../template/known';
import { cacheUser } from '../template/schemas';

/** The engine's own user, for what the stack itself does. */
const keeper = 'keeper';

/** The cache's users, kept applied. */
export interface CacheUsers {
  close(): void;
}

/**
 * Gives the cache the users of the template, with their access strings. Whoever signs in by IAM in AWS shows a token
 * as the password; here any is taken. Users live in the engine's memory, so they are applied at each of its starts.
 */
export async function applyCacheUsers(
  address: { host: string; port: number },
  template: Template,
  log: Log,
): Promise<CacheUsers> {
  const grouped = template.ofType('AWS::ElastiCache::UserGroup').length > 0;
  const users = readAll(template, 'AWS::ElastiCache::User', cacheUser).map(({ properties }) => properties);
  const client = new Redis({
    ...address,
    username: keeper,
    password: 'any',
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: () => 500,
  });
  client.on('error', () => undefined);
  const apply = async (): Promise<void> => {
    for (const { UserName, AccessString } of users) {
      const rules = AccessString.split(/\s+/).filter((rule) => rule !== '');
      await client.call('ACL', 'SETUSER', UserName, 'reset', 'on', 'nopass', ...rules);
    }
    // A cache with a user group lets nobody in who does not sign in.
    const open = !grouped || users.some(({ UserName }) => UserName === 'default');
    if (!open) await client.call('ACL', 'SETUSER', 'default', 'off');
  };
  await client.connect();
  await apply();
  client.on('ready', () => {
    apply().catch((error: unknown) => log('cache', `its users were not applied: ${String(error)}`));
  });
  return { close: () => client.disconnect() };
}
