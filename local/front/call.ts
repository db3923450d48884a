import type { Caller } from './keys';
import type { Incoming } from './listener';

export const services = ['dynamodb', 'kinesis', 's3', 'es', 'sts', 'execute-api'] as const;
export type Service = (typeof services)[number];

/** A request to an AWS service, its signer known and verified. */
export interface Call {
  service: Service;
  caller: Caller;
  request: Incoming;
  method: string;
  /** path and query */
  url: string;
  /** empty where it is streamed */
  body: Buffer;
  /** an object whose content no signature covers is not held in memory: its body is still to be read */
  streamed: boolean;
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
