import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type JSONWebKeySet,
  SignJWT,
} from 'jose';
import { type Resource, TemplateError } from '../model';
import type { KeySet } from './jwt';
import { readClients, readDomains, readGroups, readPools } from './pool-schema';

/** The part of a Cognito user pool that the service leans on: an issuer with published keys, clients and groups. */
export interface Issuer {
  poolId: string;
  url: string;
  /** as published */
  jwks: JSONWebKeySet;
  keys: KeySet;
  clientIds: readonly string[];
  /** `/.well-known/openid-configuration` */
  configuration: Record<string, unknown>;
  /** @throws UnknownRole for a role that is no group of the pool */
  mint(sub: string, roles: readonly string[], ttlSeconds: number): Promise<string>;
}

/** A token was asked for with a role that the template's user pool has no group for. */
export class UnknownRole extends Error {
  override readonly name = 'UnknownRole';
}

/**
 * @param origin `http://127.0.0.1:4680`
 * @param dataDir keeps the signing key between runs, so that tokens outlive a restart
 * @returns undefined when the template has no user pool
 */
export async function openIssuer(
  resources: readonly Resource[],
  origin: string,
  dataDir: string | undefined,
): Promise<Issuer | undefined> {
  readDomains(resources);
  const [pool, second] = readPools(resources);
  if (!pool) return undefined;
  if (second) throw new TemplateError(`${second.logicalId}: a second user pool is not served locally`);
  const ofPool = ({ properties }: { properties: { UserPoolId: string } }) => properties.UserPoolId === pool.ref;
  const clientIds = readClients(resources)
    .filter(ofPool)
    .map(({ ref }) => ref);
  const groups = readGroups(resources)
    .filter(ofPool)
    .map(({ properties }) => properties.GroupName);
  const url = `${origin}/${pool.ref}`;
  const key = await signingKey(dataDir);
  const jwks = { keys: [key.publicJwk] };
  const mint: Issuer['mint'] = async (sub, roles, ttlSeconds) => {
    const unknown = roles.filter((role) => !groups.includes(role));
    if (unknown.length > 0) {
      throw new UnknownRole(`No role ${unknown.join(', ')}; the user pool has ${groups.join(', ') || 'none'}.`);
    }
    return await accessToken({ url, clientId: clientIds[0] ?? 'local', key, sub, roles, ttlSeconds });
  };
  return { poolId: pool.ref, url, jwks, keys: createLocalJWKSet(jwks), clientIds, configuration: discovery(url), mint };
}

interface SigningKey {
  privateKey: CryptoKey;
  publicJwk: JSONWebKeySet['keys'][number];
  kid: string;
}

async function signingKey(dataDir: string | undefined): Promise<SigningKey> {
  const kept = dataDir === undefined ? undefined : await keptKey(path.join(dataDir, 'issuer.pem'));
  const privateKey = kept ?? (await generateKeyPair('RS256', { extractable: true })).privateKey;
  if (dataDir !== undefined && !kept) await keep(path.join(dataDir, 'issuer.pem'), privateKey);
  const { kty, n, e } = await exportJWK(privateKey);
  const bare = { kty: kty ?? 'RSA', ...(n !== undefined && { n }), ...(e !== undefined && { e }) };
  const kid = await calculateJwkThumbprint(bare);
  return { privateKey, kid, publicJwk: { ...bare, kid, alg: 'RS256', use: 'sig' } };
}

async function keptKey(file: string): Promise<CryptoKey | undefined> {
  const pem = await readFile(file, 'utf8').catch(() => undefined);
  return pem === undefined ? undefined : await importPKCS8(pem, 'RS256', { extractable: true });
}

async function keep(file: string, key: CryptoKey): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, await exportPKCS8(key), { mode: 0o600 });
  await chmod(file, 0o600);
}

interface TokenRequest {
  url: string;
  clientId: string;
  key: SigningKey;
  sub: string;
  roles: readonly string[];
  ttlSeconds: number;
}

/** An access token with the claims that Cognito gives one. */
function accessToken({ url, clientId, key, sub, roles, ttlSeconds }: TokenRequest): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    ...(roles.length > 0 && { 'cognito:groups': [...roles] }),
    client_id: clientId,
    origin_jti: randomUUID(),
    event_id: randomUUID(),
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    auth_time: now,
    username: sub,
  })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .setSubject(sub)
    .setIssuer(url)
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .setJti(randomUUID())
    .sign(key.privateKey);
}

function discovery(url: string): Record<string, unknown> {
  return {
    issuer: url,
    jwks_uri: `${url}/.well-known/jwks.json`,
    id_token_signing_alg_values_supported: ['RS256'],
    subject_types_supported: ['public'],
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
  };
}
