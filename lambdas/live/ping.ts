import type { SocketRequest } from '../platform/socket';
import { ValkeyUnavailable } from '../platform/valkey';
import type { Room } from './room';

const lostFrame = (id: string | undefined) => ({
  type: 'error',
  ...(id !== undefined && { id }),
  code: 'subscriptions_lost',
  detail: id === undefined ? 'All subscriptions were lost: subscribe again.' : 'This was lost: subscribe again.',
});

/**
 * Answers a ping with the clock and the subscriptions in force; before it, an error `subscriptions_lost` for what was
 * lost with what Valkey held (without an `id`: all of them), so that a client that pings gets back what it follows.
 * While Valkey is away the answer leaves subscriptions out: nobody knows.
 */
export async function pong(room: Room, request: SocketRequest): Promise<object> {
  return { type: 'pong', serverTime: request.now, ...(await standing(room, request)) };
}

async function standing(
  { subscriptions, connections }: Room,
  { connectionId, connectedAt, now }: SocketRequest,
): Promise<{ subscriptions?: string[] }> {
  try {
    const { ids, lost } = await subscriptions.standing(connectionId, connectedAt, now);
    for (const id of lost) await connections.post(connectionId, lostFrame(id));
    if (ids.length === 0) await subscriptions.mark(connectionId);
    return { subscriptions: ids };
  } catch (error) {
    if (error instanceof ValkeyUnavailable) return {};
    throw error;
  }
}
