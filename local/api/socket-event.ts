import type { IncomingMessage } from 'node:http';
import { accountId, region } from '../model';
import type { ApiDefinition } from './definition';
import { peerAddress } from './http-event';
import { commonLogTime, gatewayId } from './ids';

/** What stays the same for all events of a connection. */
export interface SocketIdentity {
  connectionId: string;
  /** epoch milliseconds */
  connectedAt: number;
  sourceIp: string;
  userAgent: string;
  host: string;
  /** the authorizer's context and `principalId`, handed to every route's function */
  authorizer: Record<string, string | number | boolean> | undefined;
}

export type EventType = 'CONNECT' | 'MESSAGE' | 'DISCONNECT';

/** The request context of a WebSocket event. Source: API Gateway developer guide, "WebSocket API mapping template". */
export interface SocketContext {
  routeKey: string;
  eventType: EventType;
  extendedRequestId: string;
  requestTime: string;
  messageDirection: 'IN';
  stage: string;
  connectedAt: number;
  requestTimeEpoch: number;
  identity: { sourceIp: string; userAgent: string };
  requestId: string;
  domainName: string;
  connectionId: string;
  apiId: string;
  authorizer?: Record<string, string | number | boolean>;
  messageId?: string;
  disconnectStatusCode?: number;
  disconnectReason?: string;
}

export function socketIdentity(incoming: IncomingMessage, now: number): SocketIdentity {
  return {
    connectionId: gatewayId(),
    connectedAt: now,
    sourceIp: peerAddress(incoming),
    userAgent: incoming.headers['user-agent'] ?? '',
    host: incoming.headers.host ?? 'localhost',
    authorizer: undefined,
  };
}

export function socketContext(
  api: ApiDefinition,
  identity: SocketIdentity,
  routeKey: string,
  eventType: EventType,
  now: number,
): SocketContext {
  const requestId = gatewayId();
  return {
    routeKey,
    eventType,
    extendedRequestId: requestId,
    requestTime: commonLogTime(now),
    messageDirection: 'IN',
    stage: api.stage,
    connectedAt: identity.connectedAt,
    requestTimeEpoch: now,
    identity: { sourceIp: identity.sourceIp, userAgent: identity.userAgent },
    requestId,
    domainName: identity.host,
    connectionId: identity.connectionId,
    apiId: api.apiId,
    ...(identity.authorizer && { authorizer: identity.authorizer }),
    ...(eventType === 'MESSAGE' && { messageId: gatewayId() }),
  };
}

/** Headers and query of the handshake. A WebSocket API keeps the case of the client's header names. */
export function handshakeParameters(incoming: IncomingMessage) {
  const headers = multiValues(pairs(incoming.rawHeaders));
  const query = multiValues([...new URLSearchParams((incoming.url ?? '').split('?')[1] ?? '')]);
  return {
    headers: lastValues(headers),
    multiValueHeaders: headers,
    ...(Object.keys(query).length > 0 && {
      queryStringParameters: lastValues(query),
      multiValueQueryStringParameters: query,
    }),
  };
}

/** ARN that an authorizer's policy must allow. */
export function connectArn(api: ApiDefinition): string {
  return `arn:aws:execute-api:${region}:${accountId}:${api.apiId}/${api.stage}/$connect`;
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, raw[index + 1] ?? '']] : []));
}

function multiValues(all: readonly [string, string][]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of all) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

function lastValues(all: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.at(-1) ?? '']));
}
