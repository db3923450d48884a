import { Redis } from 'ioredis';
import type { Log, Template } from '../model';
import { readAll } from '../template/known';
import { cacheUser } from '../template/schemas';

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
  const users = readAll(template, 'AWS::ElastiCache::User', cacheUser).map(({ properties }) => properties);
  const client = new Redis({
    ...address,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: () => 500,
  });
  client.on('error', () => undefined);
  const apply = async (): Promise<void> => {
    for (const { UserName, AccessString } of users) {
      await client.call(
        'ACL',
        'SETUSER',
        UserName,
        'reset',
        'on',
        'nopass',
        ...AccessString.split(/\s+/).filter(notSwitch),
      );
    }
  };
  await client.connect();
  await apply();
  client.on('ready', () => {
    apply().catch((error: unknown) => log('cache', `its users were not applied: ${String(error)}`));
  });
  return { close: () => client.disconnect() };
}

/** `on` and `off` are said already: a user that the template has may sign in. */
function notSwitch(rule: string): boolean {
  return rule !== '' && rule !== 'on';
}
