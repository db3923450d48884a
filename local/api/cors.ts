import type { CorsProperties } from './schema';

/**
 * CORS headers that the gateway adds to its answers, in place of the integration's own.
 * @returns undefined when the API has no CORS configuration, empty for an origin that is not allowed
 */
export function corsHeaders(
  cors: CorsProperties | undefined,
  origin: string | undefined,
): Record<string, string> | undefined {
  if (!cors) return undefined;
  const allowed = origin === undefined ? undefined : allowOrigin(cors, origin);
  if (allowed === undefined) return {};
  return {
    'access-control-allow-origin': allowed,
    ...(allowed !== '*' && { vary: 'origin' }),
    ...(cors.AllowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(cors.ExposeHeaders?.length && { 'access-control-expose-headers': cors.ExposeHeaders.join(',').toLowerCase() }),
  };
}

/** The answer to a preflight request, which reaches no route: 204 with or without permission. */
export function preflightHeaders(cors: CorsProperties, origin: string): Record<string, string> {
  const headers = corsHeaders(cors, origin) ?? {};
  if (!headers['access-control-allow-origin']) return {};
  return {
    ...headers,
    ...(cors.AllowMethods?.length && { 'access-control-allow-methods': cors.AllowMethods.join(',') }),
    ...(cors.AllowHeaders?.length && { 'access-control-allow-headers': cors.AllowHeaders.join(',').toLowerCase() }),
    ...(cors.MaxAge !== undefined && { 'access-control-max-age': String(cors.MaxAge) }),
  };
}

function allowOrigin(cors: CorsProperties, origin: string): string | undefined {
  for (const pattern of cors.AllowOrigins ?? []) {
    if (pattern === '*') return '*';
    if (pattern === origin) return origin;
    // `https://*` and `http://*` allow every origin of a scheme.
    if (pattern.endsWith('://*') && origin.startsWith(pattern.slice(0, -1))) return origin;
  }
  return undefined;
}
