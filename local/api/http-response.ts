import { z } from 'zod';
import type { InvokeResult } from '../model';

/** What goes back to a client. Header names are in lower case. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  cookies: readonly string[];
  body: Buffer;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const proxied = z.looseObject({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), scalar).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.union([z.string(), z.number(), z.boolean()]).transform(String).nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** An answer of the gateway itself: `{"message":"Not Found"}`. */
export function message(status: number, text: string, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message: text })),
  };
}

/**
 * A function's result as the client gets it. Without a `statusCode` the whole result is the body.
 * Source: API Gateway developer guide, "Lambda function response for format 2.0".
 */
export function httpAnswer(result: InvokeResult): HttpAnswer {
  if (!result.ok) {
    // Lambda's own throttle is the gateway's 503; an error of the function, its timeout too, is a 500.
    return result.throttled ? message(503, 'Service Unavailable') : message(500, 'Internal Server Error');
  }
  const { payload } = result;
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return inferred(payload);
  const parsed = proxied.safeParse(payload);
  if (!parsed.success) return message(500, 'Internal Server Error');
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  return {
    status: statusCode,
    headers: withContentType(lowerCase(headers ?? {})),
    cookies: cookies ?? [],
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}

function inferred(payload: unknown): HttpAnswer {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload ?? null);
  return { status: 200, headers: { 'content-type': 'application/json' }, cookies: [], body: Buffer.from(body) };
}

function withContentType(headers: Record<string, string>): Record<string, string> {
  return 'content-type' in headers ? headers : { ...headers, 'content-type': 'text/plain;charset=UTF-8' };
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
