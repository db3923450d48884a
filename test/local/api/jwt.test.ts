import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { claimText, type TokenCheck, verifyToken } from '../../../local/api/jwt';

const now = new Date('2025-11-21T10:00:00Z');
const seconds = now.getTime() / 1000;
const authorizer = { issuer: 'https://issuer.test/pool', audience: ['client1'], identitySource: '' };
const base: JWTPayload = { iss: authorizer.issuer, client_id: 'client1', sub: 'taxi-1', exp: seconds + 60 };

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
let pair: KeyPair;
let stranger: KeyPair;
let probabilistic: KeyPair;
let check: TokenCheck;

beforeAll(async () => {
  pair = await generateKeyPair('RS256', { extractable: true });
  stranger = await generateKeyPair('RS256', { extractable: true });
  probabilistic = await generateKeyPair('PS256', { extractable: true });
  const other = { ...(await exportJWK(probabilistic.publicKey)), kty: 'RSA', kid: 'ps', alg: 'PS256' };
  const jwk = { ...(await exportJWK(pair.publicKey)), kty: 'RSA', kid: 'k1', use: 'sig' };
  check = { authorizer, keys: createLocalJWKSet({ keys: [jwk, other] }), scopes: [] };
});

const sign = (claims: JWTPayload, header: Record<string, unknown> = {}, key = pair.privateKey) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(key);

test.each<[string, JWTPayload, string | undefined]>([
  ['client_id of the audience', {}, undefined],
  ['aud of the audience, whatever client_id says', { aud: 'client1', client_id: 'x' }, undefined],
  ['one of several aud', { aud: ['x', 'client1'] }, undefined],
  ['another aud, although client_id fits', { aud: 'x' }, 'the token does not have a valid audience'],
  ['another client_id', { client_id: 'x' }, 'the token does not have a valid audience'],
  ['another issuer', { iss: 'https://issuer.test/other' }, 'the token does not have a valid issuer'],
  ['exp that has come', { exp: seconds }, 'the token has expired'],
  ['no exp', { exp: Number.NaN }, 'claim exp is missing or wrong'],
  ['nbf to come', { nbf: seconds + 1 }, 'the token is not valid yet'],
  ['nbf that has come', { nbf: seconds }, undefined],
  ['iat to come', { iat: seconds + 5 }, 'the token was issued in the future'],
])('a token with %s', async (_, claims, reason) => {
  const merged = Object.fromEntries(Object.entries({ ...base, ...claims }).filter(([, value]) => !Number.isNaN(value)));
  const verdict = await verifyToken(await sign(merged), check, now);
  expect(verdict).toMatchObject(
    reason === undefined
      ? { ok: true, scopes: null }
      : { ok: false, status: 401, challenge: `Bearer scope="" error="invalid_token" error_description="${reason}"` },
  );
});

test('a signature, key or algorithm of someone else is refused', async () => {
  const hmac = new SignJWT(base).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(new Uint8Array(32));
  const [header, , signature] = (await sign(base)).split('.');
  const forged = Buffer.from(JSON.stringify({ ...base, sub: 'operator' })).toString('base64url');
  const unsigned = `${Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url')}.${forged}.`;
  const tokens = [
    await sign(base, {}, stranger.privateKey),
    await sign(base, { kid: 'k2' }),
    await sign(base, { kid: undefined }),
    await hmac,
    await sign(base, { alg: 'PS256', kid: 'ps' }, probabilistic.privateKey),
    [header, forged, signature].join('.'),
    unsigned,
    'not.a.token',
    'nonsense',
  ];
  for (const token of tokens) {
    expect(await verifyToken(token, check, now)).toMatchObject({ ok: false, status: 401 });
  }
});

test('no token is challenged without an error', async () => {
  expect(await verifyToken(undefined, check, now)).toEqual({ ok: false, status: 401, challenge: 'Bearer' });
});

test.each<[JWTPayload, number | undefined]>([
  [{ scope: 'a b' }, undefined],
  [{ scp: ['b'] }, undefined],
  [{ scope: 'ab' }, 403],
  [{}, 403],
])('scopes %j against a route that wants b or c', async (claims, status) => {
  const verdict = await verifyToken(await sign({ ...base, ...claims }), { ...check, scopes: ['b', 'c'] }, now);
  expect(verdict).toMatchObject(status === undefined ? { ok: true, scopes: ['b', 'c'] } : { ok: false, status });
});

test.each([
  [['operator', 'viewer'], '[operator viewer]'],
  [[], '[]'],
  [1763719200, '1763719200'],
  [true, 'true'],
  [{ b: [1], a: 'x' }, 'map[a:x b:[1]]'],
])('claim %j reaches a function as %s', (claim, text) => {
  expect(claimText(claim)).toBe(text);
});

test('a token that was verified is refused once it has expired, and by an API with other keys', async () => {
  const token = await sign(base);
  const passed = { ok: true, claims: { sub: 'taxi-1' } };
  expect(await verifyToken(token, check, now)).toMatchObject(passed);
  expect(await verifyToken(token, check, new Date(now.getTime() + 59_999))).toMatchObject(passed);
  const challenge = 'Bearer scope="" error="invalid_token" error_description="the token has expired"';
  const expired = { ok: false, status: 401, challenge };
  expect(await verifyToken(token, check, new Date(now.getTime() + 60_000))).toEqual(expired);
  const jwk = { ...(await exportJWK(stranger.publicKey)), kty: 'RSA', kid: 'k1' };
  const rotated = { ...check, keys: createLocalJWKSet({ keys: [jwk] }) };
  expect(await verifyToken(token, rotated, now)).toMatchObject({ ok: false, status: 401 });
});

test('a token that was verified before its time is refused then, and holds for its scopes only', async () => {
  const token = await sign({ ...base, nbf: seconds, scope: 'a' });
  expect(await verifyToken(token, check, now)).toMatchObject({ ok: true });
  expect(await verifyToken(token, check, new Date(now.getTime() - 1_000))).toMatchObject({ ok: false, status: 401 });
  expect(await verifyToken(token, { ...check, scopes: ['b'] }, now)).toMatchObject({ ok: false, status: 403 });
});
