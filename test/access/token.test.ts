import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { issuerKeys, verifyToken } from '../../lambdas/access/token';

const issuer = 'https://issuer.example/pool';
const rules = { issuer, audience: 'app' };
const now = Date.parse('2026-07-01T08:00:00Z');
const seconds = now / 1000;

let pair: { publicKey: CryptoKey; privateKey: CryptoKey };
let stranger: { publicKey: CryptoKey; privateKey: CryptoKey };
let jwks: ReturnType<typeof createLocalJWKSet>;
beforeAll(async () => {
  pair = await generateKeyPair('RS256', { extractable: true });
  stranger = await generateKeyPair('RS256', { extractable: true });
  jwks = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k' }] });
});

const access = {
  sub: 'rider-1',
  iss: issuer,
  exp: seconds + 60,
  client_id: 'app',
  token_use: 'access',
  'cognito:groups': ['viewer', 'admins'],
};
const sign = (claims: Record<string, unknown>, key = pair.privateKey) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key);
const verify = (token: string) => verifyToken(token, jwks, rules, now);

test('an access token and an id token tell who asks, with the roles that we know', async () => {
  const identity = { sub: 'rider-1', roles: new Set(['viewer']) };
  expect(await verify(await sign(access))).toEqual(identity);
  const { client_id: _, ...rest } = access;
  expect(await verify(await sign({ ...rest, token_use: 'id', aud: 'app' }))).toEqual(identity);
});

test.each<[string, Record<string, unknown>]>([
  ['expired', { exp: seconds - 1 }],
  ['without expiry', { exp: undefined }],
  ['not valid yet', { nbf: seconds + 600 }],
  ['of another issuer', { iss: 'https://other.example/pool' }],
  ['for another app', { client_id: 'other' }],
  [
    'whose aud is right but whose client_id, which counts in an access token, is not',
    { client_id: 'other', aud: 'app' },
  ],
  ['of another use', { token_use: 'refresh' }],
  ['without a subject', { sub: undefined }],
  ['whose subject is no id', { sub: 'a/b' }],
])('a token %s is refused', async (_, change) => {
  expect(await verify(await sign({ ...access, ...change }))).toBeUndefined();
});

test('a token signed with another key is refused', async () => {
  expect(await verify(await sign(access, stranger.privateKey))).toBeUndefined();
});

test('alg none, and HMAC with the public key as its secret, are refused', async () => {
  expect(await verify(new UnsecuredJWT(access).encode())).toBeUndefined();
  const secret = new TextEncoder().encode(await exportSPKI(pair.publicKey));
  expect(await verify(await new SignJWT(access).setProtectedHeader({ alg: 'HS256' }).sign(secret))).toBeUndefined();
});

test('a signature by the right key but another algorithm than RS256 is refused', async () => {
  const key = await importJWK(await exportJWK(pair.privateKey), 'PS256');
  expect(
    await verify(await new SignJWT(access).setProtectedHeader({ alg: 'PS256', kid: 'k' }).sign(key)),
  ).toBeUndefined();
});

test.each(['', 'x', 'a.b.c', '..', `${'e'.repeat(9_000)}`])('what is no token is refused: %#', async (text) => {
  expect(await verify(text)).toBeUndefined();
});

test('keys that cannot be fetched are our failure, not the token’s', async () => {
  const server = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = await sign({ ...access, iss: origin });
  await expect(verifyToken(token, issuerKeys(origin), { issuer: origin, audience: 'app' }, now)).rejects.toThrow();
  server.close();
});
