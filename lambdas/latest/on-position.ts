import { NotFound, parseParameters } from '../contract/errors';
import { type Latest, readLatest } from '../contract/hot/latest';
import { devicePathSchema } from '../contract/reads';
import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { httpHandler, json } from '../platform/http';
import { connectValkey } from '../platform/valkey';
import { mayRead } from './decide';
import { positionEnv } from './env';
import { LastKnown } from './last-known';
import { mayBeBehind, newerOf } from './newest';
import { fromTable, unavailable, whereReached } from './store';

const env = readEnvironment(positionEnv);
const valkey = connectValkey(env, { commandTimeoutMs: 1_000 });
const lastKnown = new LastKnown(dynamodb(), env.TRACKS_TABLE);

/** GET /v1/devices/{id}/position */
export const handler = httpHandler(async ({ path, identity, now }) => {
  const { id } = parseParameters(devicePathSchema, path);
  // A feeder is told of what it reported itself, anyone else whom it concerns of everything.
  const by = identity.sub === id || identity.roles.has('operator') ? undefined : identity.sub;
  const readable = (latest: Latest | undefined) => (latest && mayRead(identity, latest) ? latest : undefined);
  const known = await whereReached(() => readLatest(valkey, [id]));
  const hot = readable(known?.get(id));
  const stored =
    mayBeBehind(hot, now) && (by === undefined || identity.roles.has('feeder'))
      ? await fromTable((signal) => lastKnown.read(id, by, signal), hot)
      : undefined;
  const latest = newerOf(hot, stored);
  if (latest === undefined) {
    // What Valkey alone has may be on its way to the table.
    if (known === undefined) throw unavailable();
    throw new NotFound('There is no recent position of such a device.', 'position_not_found');
  }
  return json(200, { device: id, task: latest.task, ...latest.position });
});
