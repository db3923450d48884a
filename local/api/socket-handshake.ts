import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { ApiDefinition, Route } from './definition';
import { hasIdentity, judge } from './socket-authorizer';
import { connectArn, handshakeParameters, type SocketContext } from './socket-event';
import { integrate, invokeWithin } from './socket-integration';
import type { GatewayDeps } from './types';

/** A handshake that goes on has the authorizer's context in its request context. */
export type Admission = { ok: true; subprotocol: string | undefined } | { ok: false; status: number; text: string };

/**
 * Asks the authorizer, then the `$connect` function, whether a client may connect.
 * 401: an identity source is missing, or the authorizer failed with exactly `Unauthorized`. 403: its policy does not
 * allow. 500: its answer is none. Otherwise the status of the `$connect` function, 502 or 504 where it failed.
 */
export async function admit(
  api: ApiDefinition,
  deps: GatewayDeps,
  route: Route,
  incoming: IncomingMessage,
  context: SocketContext,
): Promise<Admission> {
  const refusal = await authorize(api, deps, route, incoming, context);
  if (refusal) return refusal;
  const event = { ...handshakeParameters(incoming), requestContext: context, isBase64Encoded: false };
  const outcome = await integrate(deps, route, event);
  if (!outcome.ok) return outcome;
  const { statusCode: status, headers } = outcome.answer;
  if (status < 200 || status > 299) return { ok: false, status, text: STATUS_CODES[status] ?? 'Refused' };
  const chosen = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol');
  return { ok: true, subprotocol: chosen?.[1] };
}

async function authorize(
  api: ApiDefinition,
  deps: GatewayDeps,
  route: Route,
  incoming: IncomingMessage,
  context: SocketContext,
): Promise<Extract<Admission, { ok: false }> | undefined> {
  if (!route.request) return undefined;
  if (!hasIdentity(route.request, incoming)) return { ok: false, status: 401, text: 'Unauthorized' };
  const methodArn = connectArn(api);
  const event = { type: 'REQUEST', methodArn, ...handshakeParameters(incoming), requestContext: context };
  const result = await invokeWithin(deps, route.request.functionArn, event);
  if (result !== 'timeout' && !result.ok && result.error.errorMessage === 'Unauthorized') {
    return { ok: false, status: 401, text: 'Unauthorized' };
  }
  const verdict = judge(result !== 'timeout' && result.ok ? result.payload : undefined, methodArn);
  if (!verdict.ok) {
    return { ok: false, status: verdict.status, text: verdict.status === 403 ? 'Forbidden' : 'Internal server error' };
  }
  context.authorizer = verdict.context;
  return undefined;
}

/** A handshake of RFC 6455, before any function is asked. */
export function isHandshake(incoming: IncomingMessage): boolean {
  const { upgrade, 'sec-websocket-key': key, 'sec-websocket-version': version } = incoming.headers;
  return incoming.method === 'GET' && upgrade?.toLowerCase() === 'websocket' && key !== undefined && version === '13';
}
