import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { BadRequest, Problem, TooLarge, Unavailable, UnsupportedMediaType } from '../contract/errors';
import { type Identity, toIdentity } from '../contract/identity';
import { logError } from './log';
import { isOutage } from './outage';

export type HttpEvent = APIGatewayProxyEventV2WithJWTAuthorizer;
export type HttpAnswer = APIGatewayProxyStructuredResultV2;

/** An HTTP request as the doors see it. */
export interface HttpRequest {
  /** e.g. `GET /v1/nearby` */
  route: string;
  identity: Identity;
  path: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  headers: Record<string, string | undefined>;
  sourceIp: string;
  event: HttpEvent;
  /** When the request came in (epoch ms). */
  now: number;
}

/** A request that nobody has looked at who sent it. */
export type OpenRequest = Omit<HttpRequest, 'identity'>;

/** @returns a JSON answer */
export function json(statusCode: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** @returns a problem as RFC 9457 has it, with Retry-After where waiting helps */
export function problemAnswer(problem: Problem): HttpAnswer {
  const details = problem.toDetails();
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (problem.status === 401) headers['www-authenticate'] = 'Basic realm="Waystream", charset="UTF-8"';
  if (details.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(details.retryAfterSeconds));
  return { statusCode: problem.status, headers, body: JSON.stringify(details) };
}

/**
 * Whatever went wrong as a problem: what is not meant for the caller is logged, and answered as `store_unavailable`
 * where it will pass, else as `internal`.
 */
export function toProblem(error: unknown, context: Record<string, string | number> = {}): Problem {
  if (error instanceof Problem) return error;
  logError('request failed', error, context);
  if (isOutage(error)) {
    return new Unavailable('store_unavailable', 'A store that this needs does not answer. Try again in a moment.', 2);
  }
  return new Problem(500, 'internal', 'Something went wrong on our side. It is safe to send this again.');
}

/**
 * Reads a request's body as JSON.
 * @throws UnsupportedMediaType, TooLarge, BadRequest (`malformed_json`)
 */
export function readJson(event: HttpEvent, maxBytes: number): unknown {
  const type = event.headers['content-type'] ?? '';
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(type)) {
    throw new UnsupportedMediaType(`The body must be application/json, not ${type || 'without a type'}.`);
  }
  return parseJson(readBody(event, maxBytes).toString('utf8'));
}

/** @returns a request's body as it was sent. @throws TooLarge */
export function readBody(event: Pick<HttpEvent, 'body' | 'isBase64Encoded'>, maxBytes: number): Buffer {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.byteLength <= maxBytes) return body;
  throw new TooLarge(`The body has ${body.byteLength} bytes; ${maxBytes} are allowed. Send fewer points at a time.`);
}

/** @throws BadRequest (`malformed_json`) */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('malformed_json', 'The body is not JSON.', { pointer: '' });
  }
}

function toRequest(event: HttpEvent): HttpRequest {
  const claims = event.requestContext.authorizer?.jwt.claims ?? {};
  return { ...toOpenRequest(event), identity: toIdentity(claims.sub, claims['cognito:groups']) };
}

function toOpenRequest(event: HttpEvent): OpenRequest {
  return {
    route: event.routeKey,
    path: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    headers: event.headers,
    sourceIp: event.requestContext.http.sourceIp,
    event,
    now: Date.now(),
  };
}

/** A door for HTTP: problems thrown inside become answers here, once. */
export const httpHandler = (answer: (request: HttpRequest) => Promise<HttpAnswer>) =>
  answering((event) => answer(toRequest(event)));

/** A door on a route without an authorizer: it has to see for itself who asks. */
export const openHandler = (answer: (request: OpenRequest) => Promise<HttpAnswer>) =>
  answering((event) => answer(toOpenRequest(event)));

function answering(answer: (event: HttpEvent) => Promise<HttpAnswer>) {
  return async (event: HttpEvent): Promise<HttpAnswer> => {
    try {
      return await answer(event);
    } catch (error) {
      return problemAnswer(toProblem(error, { route: event.routeKey, requestId: event.requestContext.requestId }));
    }
  };
}
