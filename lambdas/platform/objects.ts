import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { defaultProvider } from './credentials';

export interface ObjectsEnvironment {
  UPLOADS_BUCKET: string;
  AWS_REGION: string;
  /** Where the bucket is not AWS's own. */
  AWS_ENDPOINT_URL?: string | undefined;
}

/** The store does not answer, or answers that something is wrong on its side; asking again later may help. */
export class ObjectsUnavailable extends Error {
  override readonly name = 'ObjectsUnavailable';
  /** As the SDK marks what the service answers: it counts as an outage. */
  readonly $metadata = { httpStatusCode: 503 };
}

/** There is no such object. */
export class NoSuchObject extends Error {
  override readonly name = 'NoSuchObject';
}

interface Target {
  protocol: string;
  hostname: string;
  port?: number;
  /** of the bucket */
  path: string;
}

const ATTEMPTS = 3;
const PAUSE_MS = 100;
const TIMEOUT_MS = 20_000;

/**
 * The objects of one bucket, by the three calls that are needed: S3's own client is 340 KB in a bundle.
 * Sources: Amazon S3 API, "Authenticating Requests (AWS Signature Version 4)", GetObject, PutObject.
 */
export class Objects {
  private readonly target: Target;
  private readonly signer: SignatureV4;

  constructor({ UPLOADS_BUCKET: bucket, AWS_REGION: region, AWS_ENDPOINT_URL: endpoint }: ObjectsEnvironment) {
    this.target = targetOf(bucket, region, endpoint);
    this.signer = new SignatureV4({
      service: 's3',
      region,
      credentials: defaultProvider(),
      sha256: Sha256,
      // S3 takes paths as they are.
      uriEscapePath: false,
      applyChecksum: false,
    });
  }

  /**
   * An address to which anybody may put this one object for so long, in exactly so many bytes: the length is signed.
   * It ends earlier where the role's own session does.
   */
  async uploadUrl(key: string, bytes: number, seconds: number): Promise<string> {
    const request = this.request('PUT', key, { 'content-length': String(bytes), ...unsigned });
    const { query } = await this.signer.presign(request, { expiresIn: seconds });
    const parameters = Object.entries(query ?? {}).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
    );
    return `${this.urlOf(key)}?${parameters.join('&')}`;
  }

  /** @returns the object's bytes @throws NoSuchObject, ObjectsUnavailable */
  async get(key: string): Promise<Uint8Array> {
    return this.send('GET', key, undefined, {});
  }

  /** @throws ObjectsUnavailable */
  async put(key: string, body: string, contentType: string): Promise<void> {
    await this.send('PUT', key, body, { 'content-type': contentType });
  }

  private request(method: string, key: string, headers: Record<string, string>) {
    const { path, port, ...target } = this.target;
    const host = port === undefined ? target.hostname : `${target.hostname}:${port}`;
    const signed = { host, ...headers };
    return {
      method,
      ...target,
      ...(port !== undefined && { port }),
      path: path + pathOf(key),
      query: {},
      headers: signed,
    };
  }

  private urlOf(key: string): string {
    const { protocol, hostname, port, path } = this.target;
    return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${pathOf(key)}`;
  }

  private async send(
    method: string,
    key: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<Uint8Array> {
    const hash = createHash('sha256').update(body ?? '');
    const all = { 'x-amz-content-sha256': hash.digest('hex'), ...headers };
    for (let attempt = 1; ; attempt++) {
      const { status, bytes } = await this.attempt(method, key, body, all);
      if (status >= 200 && status < 300) return bytes;
      // Without the right to list, S3 answers 403 for what is not there. Source: GetObject, "Permissions".
      if (method === 'GET' && (status === 403 || status === 404)) throw new NoSuchObject(key);
      if (status !== 0 && status < 500) throw new Error(`The object store answers ${status} to a ${method}`);
      if (attempt === ATTEMPTS) throw new ObjectsUnavailable(`the object store answers ${status || 'nothing'}`);
      await sleep(PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2));
    }
  }

  /** @returns status 0 where there is no answer, or only part of one */
  private async attempt(
    method: string,
    key: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<{ status: number; bytes: Uint8Array }> {
    const signed = await this.signer.sign(this.request(method, key, headers));
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const content = body === undefined ? {} : { body };
      const response = await fetch(this.urlOf(key), { method, headers: signed.headers, signal, ...content });
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    } catch {
      return { status: 0, bytes: new Uint8Array(0) };
    }
  }
}

/** Of an upload nothing is known but its length. Written as S3 has it, since it goes into the query by this name. */
const unsigned = { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' };

const pathOf = (key: string): string => `/${key.split('/').map(encodeURIComponent).join('/')}`;

/** AWS has a host for each bucket; another store has the bucket in its path. */
function targetOf(bucket: string, region: string, endpoint: string | undefined): Target {
  if (endpoint === undefined) {
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    return { protocol: 'https:', hostname: `${bucket}.s3.${region}.${suffix}`, path: '' };
  }
  const { protocol, hostname, port } = new URL(endpoint);
  return { protocol, hostname, ...(port !== '' && { port: Number(port) }), path: `/${bucket}` };
}
