import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { Pseudonyms } from '../contract/hot/pseudonym';
import { Connections } from '../platform/socket';
import { connectValkey } from '../platform/valkey';
import { Delivery } from './delivery';
import type { liveEnv } from './env';
import { Following } from './following';
import { Outbox } from './outbox';
import { Places, Subscriptions } from './store';

/** What the doors of this area share, wired once a function. */
export function openRoom(
  env: z.infer<typeof liveEnv>,
  valkey = connectValkey(env),
  connections: Pick<Connections, 'post'> = new Connections(env.SOCKET_ENDPOINT),
) {
  const staleAfterMs = env.STALE_AFTER_SECONDS * 1000;
  const subscriptions = new Subscriptions(valkey);
  const pseudonyms = new Pseudonyms(valkey, env.PSEUDONYM_MINUTES * 60_000);
  const delivery = new Delivery(
    new Outbox(valkey, randomUUID()),
    connections,
    subscriptions,
    1000 / env.FRAMES_PER_SECOND,
  );
  return {
    valkey,
    connections,
    staleAfterMs,
    subscriptions,
    pseudonyms,
    delivery,
    places: new Places(valkey, staleAfterMs),
    following: new Following(subscriptions, pseudonyms, delivery, staleAfterMs),
  };
}

export type Room = ReturnType<typeof openRoom>;
