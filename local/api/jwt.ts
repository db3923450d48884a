import { type createLocalJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { JwtAuthorizer } from './definition';

/** What a token was found to be. `reason` is what the `www-authenticate` header says of it. */
export type TokenVerdict =
  | { ok: true; claims: Record<string, string>; scopes: string[] | null }
  | { ok: false; status: 401 | 403; challenge: string };

/** Finds an issuer's key for a token; keys are imported once. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;

export interface TokenCheck {
  authorizer: JwtAuthorizer;
  /** the issuer's published keys */
  keys: KeySet;
  /** scopes of the route; one of them is enough */
  scopes: readonly string[];
}

const rsa = ['RS256', 'RS384', 'RS512'];

/**
 * Verifies a token as an HTTP API's JWT authorizer does: key id and RSA signature, issuer, audience
 * (`aud`, or `client_id` where there is no `aud`), `exp`, `nbf`, `iat`, then one of the route's scopes.
 * Source: API Gateway developer guide, "Control access to HTTP APIs with JWT authorizers".
 */
export async function verifyToken(token: string | undefined, check: TokenCheck, now: Date): Promise<TokenVerdict> {
  if (token === undefined) return { ok: false, status: 401, challenge: 'Bearer' };
  try {
    const payload = await verified(token, check, now);
    const missing = !hasAudience(payload, check.authorizer.audience);
    if (missing) return invalid('the token does not have a valid audience');
    if (payload.iat !== undefined && payload.iat * 1000 > now.getTime())
      return invalid('the token was issued in the future');
    return scoped(payload, check.scopes);
  } catch (error) {
    return invalid(describe(error));
  }
}

/** Tokens of one check that are remembered; the one that came first is forgotten first. */
const REMEMBERED = 1_000;

/** What was verified, by check: other keys are another check. */
const known = new WeakMap<TokenCheck, Map<string, JWTPayload>>();

/** Verifies a token, or finds one that has been and still holds: API Gateway remembers as well. */
async function verified(token: string, check: TokenCheck, now: Date): Promise<JWTPayload> {
  const tokens = known.get(check) ?? new Map<string, JWTPayload>();
  known.set(check, tokens);
  const found = tokens.get(token);
  if (found && holds(found, now)) return found;
  tokens.delete(token);
  const payload = await verifiedAnew(token, check, now);
  const [oldest] = tokens.keys();
  if (oldest !== undefined && tokens.size >= REMEMBERED) tokens.delete(oldest);
  tokens.set(token, payload);
  return payload;
}

/** Whether a payload's times are still in force; to the second, as RFC 7519 has them. */
function holds({ exp = 0, nbf = 0 }: JWTPayload, now: Date): boolean {
  const seconds = Math.floor(now.getTime() / 1_000);
  return nbf <= seconds && seconds < exp;
}

async function verifiedAnew(token: string, { authorizer, keys }: TokenCheck, now: Date): Promise<JWTPayload> {
  if (decodeProtectedHeader(token).kid === undefined) throw new errors.JWSInvalid('the token has no key id');
  const { payload } = await jwtVerify(token, keys, {
    issuer: authorizer.issuer,
    algorithms: rsa,
    requiredClaims: ['exp'],
    currentDate: now,
  });
  return payload;
}

function hasAudience(payload: JWTPayload, allowed: readonly string[]): boolean {
  const claimed = payload.aud ?? payload.client_id;
  const audiences = Array.isArray(claimed) ? claimed : [claimed];
  return audiences.some((audience) => typeof audience === 'string' && allowed.includes(audience));
}

function scoped(payload: JWTPayload, required: readonly string[]): TokenVerdict {
  const claims = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, claimText(value)]));
  if (required.length === 0) return { ok: true, claims, scopes: null };
  const claimed = payload.scope ?? payload.scp;
  const held = Array.isArray(claimed) ? claimed : typeof claimed === 'string' ? claimed.split(' ') : [];
  if (required.some((scope) => held.includes(scope))) return { ok: true, claims, scopes: [...required] };
  const challenge = `Bearer scope="${required.join(' ')}" error="insufficient_scope" error_description="the token does not have a required scope"`;
  return { ok: false, status: 403, challenge };
}

/** A claim as the event carries it: text, lists as `[a b]`, objects as `map[k:v]`. */
export function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([name, field]) => `${name}:${claimText(field)}`).join(' ')}]`;
}

function invalid(reason: string): TokenVerdict {
  const challenge = `Bearer scope="" error="invalid_token" error_description="${reason}"`;
  return { ok: false, status: 401, challenge };
}

function describe(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'the token does not have a valid issuer';
    if (error.claim === 'nbf') return 'the token is not valid yet';
    return `claim ${error.claim} is missing or wrong`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'signing method is invalid';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the token signature is invalid';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token key id is unknown';
  return 'the token is malformed';
}
