import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { httpHandler, json } from '../platform/http';
import { ticketEnv } from './env';
import { Tickets } from './store';

const env = readEnvironment(ticketEnv);
const tickets = new Tickets(dynamodb(), env.TICKETS_TABLE);

/** POST /v1/tickets: a ticket that opens one WebSocket as the caller, so that no token stands in a URL. */
export const handler = httpHandler(async ({ identity, now }) =>
  json(201, await tickets.issue(identity, now), { 'cache-control': 'no-store' }),
);
