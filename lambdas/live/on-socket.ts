import { BadRequest, parseBody } from '../contract/errors';
import { pingSchema, unsubscribeSchema } from '../contract/socket';
import { readEnvironment } from '../platform/environment';
import { type SocketRequest, socketHandler } from '../platform/socket';
import { liveEnv } from './env';
import { pong } from './ping';
import { openRoom } from './room';
import { orUnavailable, subscribe } from './subscribe';

const room = openRoom(readEnvironment(liveEnv));

type Route = (message: unknown, request: SocketRequest) => Promise<object | undefined>;

const routes: Record<string, Route> = {
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

/** A message that no route knows. */
const unknown: Route = async (message) => {
  if (message === undefined) throw new BadRequest('malformed_json', 'The message is empty.', { pointer: '' });
  throw new BadRequest('unknown_type', 'A message is a JSON object with a “type” that Waystream knows.', {
    pointer: '/type',
  });
};

/** The messages of the live map, and every message that no other area takes. */
export const handler = socketHandler((message, request) => (routes[request.route] ?? unknown)(message, request));
