import { createHash, createHmac, getDiffieHellman, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Cloud } from './cloud';

const challengeSchema = z.object({
  ChallengeName: z.literal('PASSWORD_VERIFIER'),
  ChallengeParameters: z.object({
    SRP_B: z.string(),
    SALT: z.string(),
    SECRET_BLOCK: z.string(),
    USER_ID_FOR_SRP: z.string(),
  }),
});
const signedInSchema = z.object({ AuthenticationResult: z.object({ AccessToken: z.string() }) });

export interface Account {
  pool: string;
  client: string;
  name: string;
  password: string;
}

/** The 3072-bit group of RFC 3526, which Cognito counts in. */
const prime = toNumber(getDiffieHellman('modp15').getPrime('hex'));
const generator = 2n;

/** Makes a user of the pool with a role, as an operator does on the first day. */
export async function signUp(cloud: Cloud, { pool, name, password }: Account, role: string): Promise<void> {
  const user = { UserPoolId: pool, Username: name };
  await cognito(cloud, 'AdminCreateUser', { ...user, MessageAction: 'SUPPRESS' });
  await cognito(cloud, 'AdminSetUserPassword', { ...user, Password: password, Permanent: true });
  await cognito(cloud, 'AdminAddUserToGroup', { ...user, GroupName: role });
}

/**
 * Signs in the way an app does, without sending the password: Secure Remote Password, the only flow that the pool's
 * client allows. Source: RFC 5054 and Cognito's own SDKs, which derive the key as below.
 * @returns the access token
 */
export async function signIn(cloud: Cloud, { pool, client, name, password }: Account): Promise<string> {
  const secret = toNumber(randomBytes(128).toString('hex'));
  const mine = power(generator, secret);
  const begin = { AuthFlow: 'USER_SRP_AUTH', ClientId: client };
  const AuthParameters = { USERNAME: name, SRP_A: mine.toString(16) };
  const { ChallengeParameters: asked } = challengeSchema.parse(
    await cognito(cloud, 'InitiateAuth', { ...begin, AuthParameters }),
  );
  const who = `${pool.split('_')[1]}${asked.USER_ID_FOR_SRP}`;
  const key = sharedKey({ secret, mine, theirs: toNumber(asked.SRP_B), salt: toNumber(asked.SALT) }, who, password);
  const TIMESTAMP = timestamp(new Date());
  const proof = createHmac('sha256', key).update(who).update(Buffer.from(asked.SECRET_BLOCK, 'base64'));
  const ChallengeResponses = {
    USERNAME: asked.USER_ID_FOR_SRP,
    PASSWORD_CLAIM_SECRET_BLOCK: asked.SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: proof.update(TIMESTAMP).digest('base64'),
    TIMESTAMP,
  };
  const answer = { ChallengeName: 'PASSWORD_VERIFIER', ClientId: client, ChallengeResponses };
  const result = signedInSchema.parse(await cognito(cloud, 'RespondToAuthChallenge', answer));
  return result.AuthenticationResult.AccessToken;
}

function sharedKey(
  { secret, mine, theirs, salt }: Record<'secret' | 'mine' | 'theirs' | 'salt', bigint>,
  who: string,
  password: string,
): Buffer {
  const multiplier = hash(bytes(prime), bytes(generator));
  const scramble = hash(bytes(mine), bytes(theirs));
  const identity = createHash('sha256').update(`${who}:${password}`).digest();
  const private_ = hash(bytes(salt), identity);
  const base = (((theirs - multiplier * power(generator, private_)) % prime) + prime) % prime;
  const shared = power(base, secret + scramble * private_);
  return Buffer.from(hkdfSync('sha256', bytes(shared), bytes(scramble), 'Caldera Derived Key', 16));
}

const cognito = (cloud: Cloud, action: string, body: unknown) =>
  cloud.json('cognito-idp', `AWSCognitoIdentityProviderService.${action}`, body);

function toNumber(hex: string): bigint {
  return BigInt(`0x${hex}`);
}

/** Bytes of a positive number; a leading zero where the first bit would make it negative. */
function bytes(value: bigint): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
}

function hash(...parts: Buffer[]): bigint {
  return toNumber(createHash('sha256').update(Buffer.concat(parts)).digest('hex'));
}

/** `base` to the power `exponent`, modulo the prime. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % prime) {
    if (rest & 1n) result = (result * square) % prime;
  }
  return result;
}

/** `Thu Jul 2 07:06:05 UTC 2026`, a day without a leading zero. */
function timestamp(now: Date): string {
  const [weekday, day, month, year, time] = now.toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}
