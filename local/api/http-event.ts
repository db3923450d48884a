import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayEventRequestContextV2, APIGatewayProxyEventV2 } from 'aws-lambda';
import { commonLogTime } from './ids';

export interface HttpRequest {
  requestId: string;
  /** epoch milliseconds */
  time: number;
  method: string;
  /** as on the request line, undecoded */
  path: string;
  /** without the question mark */
  query: string;
  protocol: string;
  headers: Record<string, string>;
  cookies: readonly string[];
  sourceIp: string;
  body: Buffer;
}

/** What the gateway adds to a request on the way to its function. */
export interface Routed {
  accountId: string;
  apiId: string;
  stage: string;
  routeKey: string;
  pathParameters: Record<string, string> | undefined;
  stageVariables: Record<string, string> | undefined;
  jwt: { claims: Record<string, string>; scopes: string[] | null } | undefined;
}

type Context = APIGatewayEventRequestContextV2 & { authorizer?: { jwt: NonNullable<Routed['jwt']> } };
export type HttpEvent = Omit<APIGatewayProxyEventV2, 'requestContext'> & { requestContext: Context };

/**
 * The event of payload format 2.0: duplicates joined with commas, cookies apart, path and parameters decoded.
 * Source: API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs".
 */
export function httpEvent(request: HttpRequest, routed: Routed): HttpEvent {
  const query = queryParameters(request.query);
  const binary = request.body.length > 0 && !isText(request.headers['content-type'], request.body);
  return {
    version: '2.0',
    routeKey: routed.routeKey,
    rawPath: decodeURIComponent(request.path),
    rawQueryString: request.query,
    ...(request.cookies.length > 0 && { cookies: [...request.cookies] }),
    headers: request.headers,
    ...(query && { queryStringParameters: query }),
    requestContext: requestContext(request, routed),
    ...(routed.pathParameters && { pathParameters: routed.pathParameters }),
    ...(request.body.length > 0 && { body: request.body.toString(binary ? 'base64' : 'utf8') }),
    isBase64Encoded: binary,
    ...(routed.stageVariables && { stageVariables: routed.stageVariables }),
  };
}

function requestContext(request: HttpRequest, routed: Routed): Context {
  const domainName = request.headers.host ?? 'localhost';
  return {
    accountId: routed.accountId,
    apiId: routed.apiId,
    ...(routed.jwt && { authorizer: { jwt: routed.jwt } }),
    domainName,
    domainPrefix: domainName.split('.')[0] ?? domainName,
    http: {
      method: request.method,
      path: decodeURIComponent(request.path),
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId: request.requestId,
    routeKey: routed.routeKey,
    stage: routed.stage,
    time: commonLogTime(request.time),
    timeEpoch: request.time,
  };
}

/** Decoded, repeated names joined with commas in the order they came. @returns undefined for an empty query */
export function queryParameters(query: string): Record<string, string> | undefined {
  if (query === '') return undefined;
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

/** Header names in lower case, repeated headers joined with commas; cookies are not among them. */
export function eventHeaders(distinct: NodeJS.Dict<string[]>): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(distinct)) {
    if (name !== 'cookie' && values) headers[name] = values.join(',');
  }
  const cookies = (distinct.cookie ?? []).flatMap((line) => line.split(/;\s*/)).filter((cookie) => cookie !== '');
  return { headers, cookies };
}

const textual = /^(text\/|application\/(json|javascript|xml|[\w.+-]+\+(json|xml))(\s*;|\s*$))/i;

/** The gateway hands text on as it is and everything else in base64 (forms and compressed bodies too). */
function isText(contentType: string | undefined, body: Buffer): boolean {
  return (contentType === undefined || textual.test(contentType)) && isUtf8(body);
}

/** The peer's address; never what a client claims in a header. */
export function peerAddress(incoming: IncomingMessage): string {
  return (incoming.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
}
