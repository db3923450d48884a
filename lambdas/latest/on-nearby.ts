import { parseParameters } from '../contract/errors';
import { Near } from '../contract/hot/near';
import { Pseudonyms } from '../contract/hot/pseudonym';
import { requireRole } from '../contract/identity';
import { nearbyQuerySchema } from '../contract/reads';
import { MINUTE_MS } from '../contract/time';
import { readEnvironment } from '../platform/environment';
import { httpHandler, json } from '../platform/http';
import { connectValkey } from '../platform/valkey';
import { shownBy, toNearby, trueNames } from './decide';
import { latestEnv } from './env';
import { fromValkey } from './store';

const env = readEnvironment(latestEnv);
const valkey = connectValkey(env, { commandTimeoutMs: 1_000 });
const near = new Near(valkey);
const pseudonyms = new Pseudonyms(valkey, {
  periodMs: env.PSEUDONYM_MINUTES * MINUTE_MS,
  silenceMs: env.PSEUDONYM_SILENCE_SECONDS * 1_000,
});

/** GET /v1/nearby */
export const handler = httpHandler(async ({ query, identity, now }) => {
  requireRole(identity, 'viewer', 'operator');
  const { lat, lon, radius, limit } = parseParameters(nearbyQuerySchema, query);
  const notBefore = now - env.STALE_AFTER_SECONDS * 1_000;
  const answer = await fromValkey(async () => {
    const nameAt = identity.roles.has('operator') ? trueNames : (await pseudonyms.at(now)).nameAt;
    return toNearby(await near.nearest({ lat, lon }, radius, limit, notBefore, shownBy(nameAt)), nameAt);
  });
  return json(200, answer);
});
