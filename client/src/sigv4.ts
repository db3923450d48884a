/** Temporary credentials of AWS. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** A POST to sign. */
export interface ToSign {
  host: string;
  /** Absolute, already encoded. */
  path: string;
  region: string;
  service: string;
  /** All are signed; names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** Epoch ms by the server's clock. */
  time: number;
}

/** Web Cryptography's digests: of the browser, of Node.js, or brought along where there are none. */
export type Digests = Pick<SubtleCrypto, 'digest' | 'importKey' | 'sign'>;

const encoder = new TextEncoder();

const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const sha256 = async (subtle: Digests, text: string): Promise<string> =>
  hex(await subtle.digest('SHA-256', encoder.encode(text)));

async function hmac(subtle: Digests, key: BufferSource, text: string): Promise<ArrayBuffer> {
  const imported = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return subtle.sign('HMAC', imported, encoder.encode(text));
}

/** @returns `20260101T120000Z` */
const stamp = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');

/**
 * Signs a POST without a query. Source: IAM User Guide, "Create a signed AWS API request".
 * @returns all headers to send but `host`, which whoever sends adds itself
 */
export async function sign(
  { host, path, region, service, headers, body, time }: ToSign,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  subtle: Digests = crypto.subtle,
): Promise<Record<string, string>> {
  const at = stamp(time);
  const day = at.slice(0, 8);
  const sent = { ...headers, 'x-amz-date': at, 'x-amz-security-token': sessionToken };
  const signed = Object.entries({ ...sent, host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}\n`).join('');
  const canonical = `POST\n${path}\n\n${lines}\n${names}\n${await sha256(subtle, body)}`;
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${at}\n${scope}\n${await sha256(subtle, canonical)}`;
  let key: BufferSource = encoder.encode(`AWS4${secretAccessKey}`);
  for (const part of [day, region, service, 'aws4_request']) key = await hmac(subtle, key, part);
  const signature = hex(await hmac(subtle, key, toSign));
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...sent, authorization };
}
