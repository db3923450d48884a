import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { z } from 'zod';
import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { logError } from '../platform/log';
import { allowPolicy, type Credential, credentialOf, handshakeSchema } from './decide';
import { authorizeEnv } from './env';
import { Tickets } from './store';
import { issuerKeys, verifyToken } from './token';

const env = readEnvironment(authorizeEnv);
const tickets = new Tickets(dynamodb(), env.TICKETS_TABLE);
const keys = issuerKeys(env.TOKEN_ISSUER);
const rules = { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE };

const eventSchema = handshakeSchema.extend({ methodArn: z.string() });

const identify = async (credential: Credential, now: number) =>
  'ticket' in credential ? tickets.redeem(credential.ticket, now) : verifyToken(credential.token, keys, rules, now);

/**
 * Decides who may open a WebSocket.
 * @throws Error `Unauthorized`, which the gateway answers with 401; any other failure with 500
 */
export const handler = async (event: unknown): Promise<APIGatewayAuthorizerResult> => {
  const { methodArn, ...handshake } = eventSchema.parse(event);
  const credential = credentialOf(handshake);
  const identity = credential && (await identify(credential, Date.now()).catch(failed));
  if (!identity) throw new Error('Unauthorized');
  return allowPolicy(identity, methodArn);
};

/** Neither the ticket nor the token may show in a log: only what failed does. */
function failed(error: unknown): never {
  logError('could not check who connects', error);
  throw new Error('The authorizer failed');
}
