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

/** How long one round trip to Valkey may take (ms): who is late here is still of use, and nobody waits for an answer. */
const COMMAND_TIMEOUT_MS = 2_000;

/** What the doors of this area share, wired once a function. */
export function openRoom(
  env: z.infer<typeof liveEnv>,
  valkey = connectValkey(env, { commandTimeoutMs: COMMAND_TIMEOUT_MS }),
  connections: Pick<Connections, 'post'> = new Connections(env.SOCKET_ENDPOINT),
) {
  const staleAfterMs = env.STALE_AFTER_SECONDS * 1000;
  const subscriptions = new Subscriptions(valkey);
  const rotation = {
    periodMs: env.PSEUDONYM_MINUTES * 60_000,
    silenceMs: env.PSEUDONYM_SILENCE_SECONDS * 1000,
  };
  const pseudonyms = new Pseudonyms(valkey, rotation);
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
    rotation,
    pseudonyms,
    delivery,
    places: new Places(valkey, staleAfterMs),
    following: new Following(subscriptions, pseudonyms, delivery, staleAfterMs),
  };
}

export type Room = ReturnType<typeof openRoom>;
