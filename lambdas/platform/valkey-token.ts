import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { defaultProvider } from './credentials';
import type { ValkeyEnvironment } from './valkey-env';

/** A token opens connections for this long (s); an open connection lasts 12 hours. */
const TOKEN_SECONDS = 900;

let signer: SignatureV4 | undefined;

/**
 * The password of one connection: a presigned request to connect, without its scheme.
 * Source: "Authenticating with IAM", Amazon ElastiCache user guide.
 */
export async function connectToken(env: ValkeyEnvironment): Promise<string> {
  signer ??= new SignatureV4({
    service: 'elasticache',
    region: env.AWS_REGION,
    credentials: defaultProvider(),
    sha256: Sha256,
  });
  const { hostname, path, query } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: env.VALKEY_CACHE,
      path: '/',
      query: { Action: 'connect', User: env.VALKEY_USER, ResourceType: 'ServerlessCache' },
      headers: { host: env.VALKEY_CACHE },
    },
    { expiresIn: TOKEN_SECONDS },
  );
  const parameters = Object.entries(query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return `${hostname}${path}?${parameters.join('&')}`;
}
