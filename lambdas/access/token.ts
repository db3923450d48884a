import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { type Identity, parseRoles } from '../contract/identity';
import { idSchema } from '../contract/ids';

/** Cognito names the app client `aud` in an id token and `client_id` in an access token. */
const claimsSchema = z
  .object({
    sub: idSchema,
    exp: z.number(),
    'cognito:groups': z.array(z.string()).optional(),
  })
  .and(
    z.discriminatedUnion('token_use', [
      z.object({ token_use: z.literal('id'), aud: z.string() }),
      z.object({ token_use: z.literal('access'), client_id: z.string() }),
    ]),
  );

/** What says that the token is wrong; anything else (keys that can't be fetched) is our failure. */
const refusals = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

export interface TokenRules {
  issuer: string;
  /** The app client that tokens are made for. */
  audience: string;
}

/** The issuer's published keys, fetched once and again when a token names a key that is not among them. */
export const issuerKeys = (issuer: string): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));

/**
 * Verifies a token: signature (RS256 and nothing else), issuer, expiry, audience and use.
 * @returns undefined for a token that does not hold
 * @throws what kept the issuer's keys from being fetched
 */
export async function verifyToken(
  token: string,
  keys: JWTVerifyGetKey,
  rules: TokenRules,
  now: number,
): Promise<Identity | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: rules.issuer,
      algorithms: ['RS256'],
      currentDate: new Date(now),
    });
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success || clientOf(claims.data) !== rules.audience) return undefined;
    return { sub: claims.data.sub, roles: parseRoles(claims.data['cognito:groups']) };
  } catch (error) {
    if (refusals.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

const clientOf = (claims: z.infer<typeof claimsSchema>) => (claims.token_use === 'id' ? claims.aud : claims.client_id);
