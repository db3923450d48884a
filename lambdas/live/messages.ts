import { BadRequest, parseBody } from '../contract/errors';
import { pingSchema, unsubscribeSchema } from '../contract/socket';
import type { SocketRequest } from '../platform/socket';
import { pong } from './ping';
import type { Room } from './room';
import { orUnavailable, subscribe } from './subscribe';

type Answer = (message: unknown, request: SocketRequest) => Promise<object | undefined>;

/** What is answered to a message, by its route; a snapshot is posted, everything else returned. */
export function messages(room: Room): Answer {
  const routes: Record<string, Answer> = {
    $disconnect: async (_, { connectionId }) => {
      await orUnavailable(room.subscriptions.forget(connectionId));
      return undefined;
    },
    subscribe: async (message, request) => {
      await orUnavailable(subscribe(room, message, request));
      return undefined;
    },
    unsubscribe: async (message, { connectionId }) => {
      const { id } = parseBody(unsubscribeSchema, message);
      await orUnavailable(room.subscriptions.remove(connectionId, id));
      return { type: 'unsubscribed', id };
    },
    ping: async (message, request) => {
      parseBody(pingSchema, message);
      return pong(room, request);
    },
  };
  return (message, request) => (routes[request.route] ?? unknown)(message, request);
}

/** A message that no route takes. */
const unknown: Answer = async (message) => {
  if (message === undefined) throw new BadRequest('malformed_json', 'The message is empty.', { pointer: '' });
  throw new BadRequest('unknown_type', 'A message is a JSON object with a “type” that Waystream knows.', {
    pointer: '/type',
  });
};
