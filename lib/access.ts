import { Construct } from 'constructs';
import { z } from 'zod';
import { authorizeEnv, ticketEnv } from '../lambdas/access/env';
import type { Environment } from './environments';
import type { HttpApi } from './http-api';
import type { IdentityPool } from './identity';
import { ServiceFunction } from './service-function';
import type { SocketApi } from './socket-api';
import type { TicketsTable } from './tables';

export interface AccessProps {
  environment: Environment;
  api: HttpApi;
  socket: SocketApi;
  tickets: TicketsTable;
  identity: IdentityPool;
}

/** Opens WebSockets: to who has a single-use ticket, or a token in the subprotocol. */
export class Access extends Construct {
  constructor(scope: Construct, id: string, { environment, api, socket, tickets, identity }: AccessProps) {
    super(scope, id);
    const shape = { environment, memoryMb: 256, timeoutSeconds: 10 };
    const onTicket = new ServiceFunction(this, 'OnTicket', {
      ...shape,
      entry: 'access/on-ticket',
      reads: ticketEnv,
      description: 'Issues tickets that open a WebSocket',
    });
    tickets.grantIssue(onTicket);
    api.route(onTicket, 'POST /v1/tickets');

    const onAuthorize = new ServiceFunction(this, 'OnAuthorize', {
      ...shape,
      entry: 'access/on-authorize',
      reads: authorizeEnv,
      description: 'Says who may open a WebSocket',
    });
    tickets.grantRedeem(onAuthorize);
    onAuthorize.setEnvironment(authorizeEnv, { TOKEN_ISSUER: identity.issuer, TOKEN_AUDIENCE: identity.audience });
    const onConnect = new ServiceFunction(this, 'OnConnect', {
      ...shape,
      entry: 'access/on-connect',
      reads: z.object({}),
      description: 'Agrees on the subprotocol',
    });
    socket.connectRoute(onConnect, onAuthorize);
  }
}
