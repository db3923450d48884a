import type { Incoming } from './listener';

export const services = ['dynamodb', 'kinesis', 's3', 'es', 'sts', 'execute-api'] as const;
export type Service = (typeof services)[number];

/** Who signs: a function with its role, or whoever holds the stack's own key (tests, tools). */
export interface Caller {
  /** logical id of the function, or `root` */
  name: string;
  arn: string;
  accessKeyId: string;
}

/** A request to an AWS service, its signer known and its body not yet read. */
export interface Call {
  service: Service;
  caller: Caller;
  request: Incoming;
  method: string;
  /** path and query */
  url: string;
}

/** An answer in AWS's own error format. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The access key and the service of a signed request: from its `Authorization` header, or from a presigned query.
 * @returns undefined for a request without a signature
 */
export function credentialOf(request: Incoming): { accessKeyId: string; service: string } | undefined {
  const text =
    /Credential=([^,\s]+)/.exec(String(request.headers.authorization ?? ''))?.[1] ??
    new URL(request.url ?? '/', 'http://local').searchParams.get('X-Amz-Credential');
  const [accessKeyId, , , service] = (text ?? '').split('/');
  return accessKeyId && service ? { accessKeyId, service } : undefined;
}

/** The whole body. @throws AwsError when it is larger than any service takes in one request */
export async function readBody(request: Incoming, limit = 32 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > limit) throw new AwsError(413, 'RequestEntityTooLarge', `The request has more than ${limit} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
