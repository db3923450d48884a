import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { readBody } from './body';
import { type HttpAnswer, message } from './http-response';
import { type Issuer, UnknownRole } from './issuer';

/** Body of `POST /_local/token`, which `npm run token` sends. */
export const tokenRequest = z.strictObject({
  sub: z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/),
  roles: z.array(z.string()).max(10),
  ttlSeconds: z
    .number()
    .int()
    .min(1)
    .max(30 * 86_400),
});

const operatorTokenSeconds = 12 * 3600;

/** Where clients find the service; the console reads it before anything else. `token` exists only on a laptop. */
export interface ConsoleConfig {
  api: string;
  ws: string;
  token?: string;
}

/**
 * Paths that only the local listener has: the user pool's keys, the console's configuration with an operator's token,
 * and tokens on demand. The last two answer only to a loopback name, so that no web page can reach them by DNS tricks.
 * @returns undefined when the path is none of them
 */
export async function localAnswer(
  incoming: IncomingMessage,
  requestPath: string,
  issuer: Issuer | undefined,
): Promise<HttpAnswer | undefined> {
  if (issuer && requestPath.startsWith(`/${issuer.poolId}/.well-known/`)) return published(requestPath, issuer);
  if (requestPath !== '/config.json' && requestPath !== '/_local/token') return undefined;
  const host = incoming.headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)) return message(403, 'Forbidden');
  return requestPath === '/config.json' ? await config(host, issuer) : await token(incoming, issuer);
}

function published(requestPath: string, issuer: Issuer): HttpAnswer {
  if (requestPath.endsWith('/jwks.json')) return json(issuer.jwks, { 'access-control-allow-origin': '*' });
  if (requestPath.endsWith('/openid-configuration')) {
    return json(issuer.configuration, { 'access-control-allow-origin': '*' });
  }
  return message(404, 'Not Found');
}

async function config(host: string, issuer: Issuer | undefined): Promise<HttpAnswer> {
  // A template without the operator role has a console without a token.
  const minted = await issuer?.mint('local-operator', ['operator'], operatorTokenSeconds).catch(() => undefined);
  const body: ConsoleConfig = { api: `http://${host}`, ws: `ws://${host}/ws`, ...(minted && { token: minted }) };
  return json(body, { 'cache-control': 'no-store' });
}

async function token(incoming: IncomingMessage, issuer: Issuer | undefined): Promise<HttpAnswer> {
  // A page of another origin can't send JSON without a preflight, which this path never answers.
  const isJson = incoming.headers['content-type']?.startsWith('application/json');
  if (incoming.method !== 'POST' || !isJson) return message(405, 'POST with application/json');
  const body = await readBody(incoming, 4096);
  const parsed = tokenRequest.safeParse(body === 'too-large' ? undefined : parse(body));
  if (!parsed.success) return message(400, z.prettifyError(parsed.error));
  if (!issuer) return message(404, 'The template has no user pool');
  try {
    const { sub, roles, ttlSeconds } = parsed.data;
    return json({ token: await issuer.mint(sub, roles, ttlSeconds) }, { 'cache-control': 'no-store' });
  } catch (error) {
    if (error instanceof UnknownRole) return message(400, error.message);
    throw error;
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function json(body: unknown, headers: Record<string, string>): HttpAnswer {
  const type = { 'content-type': 'application/json' };
  return { status: 200, headers: { ...type, ...headers }, cookies: [], body: Buffer.from(JSON.stringify(body)) };
}
