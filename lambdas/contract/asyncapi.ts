import { type JsonSchema, Schemas } from './json-schema';
import { clientMessages, serverMessages } from './socket';

const clientExamples: Record<keyof typeof clientMessages, object> = {
  report: { type: 'report', points: [{ time: 1763719200000, lat: 41.1496, lon: -8.6109 }] },
  subscribe: { type: 'subscribe', id: 'map', viewport: { west: -8.66, south: 41.13, east: -8.57, north: 41.18 } },
  unsubscribe: { type: 'unsubscribe', id: 'map' },
  search: {
    type: 'search',
    id: 'past',
    from: '2026-07-01T08:00:00Z',
    to: '2026-07-01T09:00:00Z',
    circle: '-8.61,41.15,500',
  },
  ping: { type: 'ping' },
};

/** The example messages a client may send, by type. */
export const documentedMessages = clientExamples;

const named = (messages: object, side: string) => Object.keys(messages).map((name) => `${side}${name}`);
const references = (names: string[], base: string) => names.map((name) => ({ $ref: `${base}/${name}` }));

/** The AsyncAPI 3 document of the WebSocket API. @param server its `wss://` URL */
export function asyncApiDocument(server: string): JsonSchema {
  const schemas = new Schemas();
  const { host, protocol, pathname } = new URL(server);
  const messages: Record<string, JsonSchema> = {};
  for (const [name, schema] of Object.entries(clientMessages)) {
    const payload = schemas.of(schema);
    messages[`client.${name}`] = {
      name,
      payload,
      examples: [{ payload: clientExamples[name as keyof typeof clientMessages] }],
    };
  }
  for (const [name, schema] of Object.entries(serverMessages)) {
    messages[`server.${name}`] = { name, payload: schemas.of(schema, 'output') };
  }
  const fromClient = named(clientMessages, 'client.');
  const fromServer = named(serverMessages, 'server.');
  const inChannel = Object.fromEntries(
    [...fromClient, ...fromServer].map((name) => [name, { $ref: `#/components/messages/${name}` }]),
  );
  const onChannel = (names: string[]) => references(names, '#/channels/socket/messages');
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Waystream live',
      version: '1',
      license: { name: 'Apache-2.0' },
      description:
        'Open the socket with `?ticket=` (from POST /v1/tickets; once, within a minute) or with the subprotocols ' +
        '`waystream` and `bearer.<token>`. Messages are JSON with a `type`. Ping every ten seconds or so; subscribe again ' +
        'after an error `subscriptions_lost`.',
    },
    defaultContentType: 'application/json',
    servers: { live: { host, protocol: protocol.replace(':', ''), pathname } },
    channels: { socket: { address: '/', messages: inChannel } },
    operations: {
      send: { action: 'receive', channel: { $ref: '#/channels/socket' }, messages: onChannel(fromClient) },
      receive: { action: 'send', channel: { $ref: '#/channels/socket' }, messages: onChannel(fromServer) },
    },
    components: { messages, schemas: schemas.components },
  };
}
