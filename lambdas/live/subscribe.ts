import { randomBytes } from 'node:crypto';
import { NotFound, parseBody, Unavailable, Unprocessable } from '../contract/errors';
import { type Latest, readLatest } from '../contract/hot/latest';
import { Near } from '../contract/hot/near';
import { type Identity, requireRole } from '../contract/identity';
import { limits } from '../contract/limits';
import { subscribeSchema } from '../contract/socket';
import { logError } from '../platform/log';
import type { SocketRequest } from '../platform/socket';
import { ValkeyUnavailable } from '../platform/valkey';
import { toVehicle } from './decide';
import { FRAME_BYTES, toFrames } from './frames';
import type { Room } from './room';
import type { Subscription } from './subscription';

/** Vehicles in one snapshot: some 200 KB. Who looks at more sees the others as they move. */
const SNAPSHOT_VEHICLES = 2_000;

/** What a viewer's snapshot says of names, beside its positions. */
const NAMES_BYTES = 64;

type Wanted = Pick<Subscription, 'id' | 'names' | 'follows'>;

/**
 * What a client may follow.
 * @throws BadRequest; Forbidden; NotFound for a device that it may not know of
 */
export function readWish(message: unknown, { sub, roles }: Identity): Wanted {
  const [viewportWish, deviceWish] = subscribeSchema.options;
  const operator = roles.has('operator');
  const follows = typeof message === 'object' && message !== null && 'device' in message && !('viewport' in message);
  if (follows) {
    const { id, device } = parseBody(deviceWish, message);
    if (!operator && sub !== device) throw new NotFound('There is no such device, or it is not yours to follow.');
    return { id, names: 'true', follows: { device } };
  }
  const { id, viewport } = parseBody(viewportWish, message);
  requireRole({ sub, roles }, 'viewer', 'operator');
  return { id, names: operator ? 'true' : 'pseudonym', follows: viewport };
}

/**
 * Puts a subscription in force and posts its snapshot. It is in force before the snapshot is read, so that nothing is
 * missed between the two; and its frames wait until the snapshot has been posted, so that it undoes none of them.
 * @throws Problem
 */
export async function subscribe(room: Room, message: unknown, request: SocketRequest): Promise<void> {
  const { connectionId: connection, identity, now } = request;
  const wanted = readWish(message, identity);
  const subscription = { ...wanted, connection, nonce: randomBytes(6).toString('base64url') };
  await room.delivery.ahead(connection, async () => {
    if (!(await room.subscriptions.add(subscription, now))) {
      throw new Unprocessable(
        'too_many_subscriptions',
        `A connection has at most ${limits.subscriptionsPerConnection} subscriptions. Unsubscribe one first.`,
      );
    }
    for (const frame of await snapshot(room, subscription, now)) await room.connections.post(connection, frame);
  });
}

/** What is in view now, newest first, as the client will hear of it. */
async function snapshot(room: Room, { id, names, follows }: Wanted, now: number) {
  const found = await inView(room, follows, now - room.staleAfterMs);
  const latest = found.sort((a, b) => b.position.time - a.position.time);
  if (names === 'true') {
    return toFrames(
      'snapshot',
      id,
      latest.map(({ device, position }) => toVehicle(device, position)),
      [],
    );
  }
  const { nameAt, until } = await room.pseudonyms.at(now);
  const positions = latest.flatMap(({ device, position }) => {
    const name = nameAt(device, position.time);
    return name === undefined ? [] : toVehicle(name, position);
  });
  const [first, ...rest] = toFrames('snapshot', id, positions, [], FRAME_BYTES - NAMES_BYTES);
  return [{ ...first, names: { until, everyMs: room.rotation.periodMs } }, ...rest];
}

async function inView({ valkey }: Room, follows: Subscription['follows'], notBefore: number): Promise<Latest[]> {
  if (!('device' in follows)) return new Near(valkey).inBox(follows, SNAPSHOT_VEHICLES, notBefore);
  const latest = await readLatest(valkey, [follows.device]);
  return [...latest.values()].filter(({ position }) => position.time >= notBefore);
}

/** Says to try again where Valkey is away. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ValkeyUnavailable)) throw error;
    logError('live is away', error);
    throw new Unavailable('live_unavailable', 'Live positions are away for a moment. Subscribe again shortly.', 5);
  }
}
