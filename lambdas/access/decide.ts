import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { z } from 'zod';
import type { Identity } from '../contract/identity';

/** The subprotocol that client and server speak; the token rides beside it as `bearer.<token>`. */
export const SUBPROTOCOL = 'waystream';
const BEARER = 'bearer.';

/** What a handshake brings: a WebSocket API keeps the case of header names, and repeats a repeated header here. */
export const handshakeSchema = z.object({
  multiValueHeaders: z.record(z.string(), z.array(z.string())).nullish(),
  queryStringParameters: z.record(z.string(), z.string()).nullish(),
});
export type Handshake = z.infer<typeof handshakeSchema>;

/** @returns the subprotocols that the client offers, in its order */
export function offeredProtocols({ multiValueHeaders }: Handshake): string[] {
  return Object.entries(multiValueHeaders ?? {})
    .filter(([name]) => name.toLowerCase() === 'sec-websocket-protocol')
    .flatMap(([, values]) => values.flatMap((value) => value.split(',')))
    .map((protocol) => protocol.trim());
}

export type Credential = { ticket: string } | { token: string };

/** What the client identifies itself by; a ticket goes before a token. */
export function credentialOf(handshake: Handshake): Credential | undefined {
  const ticket = handshake.queryStringParameters?.ticket;
  if (ticket) return { ticket };
  const offered = offeredProtocols(handshake);
  const bearer = offered.find((protocol) => protocol.startsWith(BEARER));
  return bearer && offered.includes(SUBPROTOCOL) ? { token: bearer.slice(BEARER.length) } : undefined;
}

/**
 * Lets a client use every route of the stage that it knocks at, as who it is.
 * @param methodArn `arn:…:api/stage/$connect`
 */
export function allowPolicy(identity: Identity, methodArn: string): APIGatewayAuthorizerResult {
  const [api = '', stage = ''] = methodArn.split('/');
  return {
    principalId: identity.sub,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: `${api}/${stage}/*` }],
    },
    context: { sub: identity.sub, roles: [...identity.roles].join(',') },
  };
}
