import { AwsError, type Call, readBody, type Service, services } from './call';
import { headerOf, sha256 } from './canonical';
import type { Key, Keys } from './keys';
import type { Incoming } from './listener';
import { refusal } from './refusals';
import { type Problem, type Signature, signatureOf, signatureProblem, timeProblem } from './signature';

/** Minutes by which clocks may differ. Source: "Elements of an AWS API request signature"; Amazon S3 API, "Error responses", RequestTimeTooSkewed. */
const skewMinutes = 5;
const skewMinutesOfS3 = 15;

/** The service that a request is for, and its signature as far as it can be read. */
export interface Opened {
  service: Service | undefined;
  signature: Signature | Problem;
}

export function open(request: Incoming): Opened {
  const signature = signatureOf(request.headers, request.url ?? '/');
  if (!('is' in signature)) return { service: services.find((each) => each === signature.service), signature };
  // Who does not say which service is answered as the one whose protocol they speak.
  const target = headerOf(request.headers, 'x-amz-target');
  const service = /^DynamoDB/.test(target) ? 'dynamodb' : /^Kinesis/.test(target) ? 'kinesis' : undefined;
  return { service, signature };
}

/**
 * Holds a request against its signature, and reads its body.
 * @param now epoch milliseconds
 * @throws AwsError in the service's own words
 */
export async function receive(
  request: Incoming,
  { service, signature }: Opened,
  keys: Keys,
  region: string,
  now: number,
): Promise<Call> {
  if ('is' in signature) throw refusal(service, signature);
  if (!service) throw new AwsError(400, 'UnknownService', `${signature.service} is not served locally`);
  const fail = (problem: Problem | undefined): void => {
    if (problem) throw refusal(service, problem);
  };
  const key = keys.find(signature.accessKeyId);
  if (!key) throw refusal(service, { is: 'unknown key' });
  fail(timeProblem(signature, now, service === 's3' ? skewMinutesOfS3 : skewMinutes));
  fail(tokenProblem(signature, key, now) ?? scopeProblem(signature, region));
  const { method = 'GET', url = '/', headers } = request;
  const verify = (payloadHash: string): void =>
    fail(signatureProblem(signature, key.secretAccessKey, { method, url, headers, payloadHash }));
  const call = { service, caller: key.caller, request, method, url };
  if (service !== 's3') {
    const body = await readBody(request);
    verify(sha256(body));
    return { ...call, body, streamed: false };
  }
  const claimed = claimedHash(request, signature);
  verify(claimed);
  if (unhashed.has(claimed)) return { ...call, body: Buffer.alloc(0), streamed: true };
  const body = await readBody(request);
  if (sha256(body) !== claimed) throw refusal(service, { is: 'wrong body' });
  return { ...call, body, streamed: false };
}

function tokenProblem({ sessionToken }: Signature, key: Key, now: number): Problem | undefined {
  if (sessionToken !== key.sessionToken) return { is: 'wrong token' };
  return now >= key.expiresAt ? { is: 'expired token' } : undefined;
}

function scopeProblem({ region: given }: Signature, region: string): Problem | undefined {
  if (given === region) return undefined;
  return { is: 'wrong scope', detail: `Credential should be scoped to a valid region, not '${given}'. ` };
}

/**
 * Bodies that no signature covers: the first by a client's choice, the second with a checksum behind its last chunk,
 * which the engine holds it to. Source: Amazon S3 API, "Signature calculations for the Authorization header".
 */
const unhashed = new Set(['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER']);

function claimedHash(request: Incoming, { expires }: Signature): string {
  const claimed = headerOf(request.headers, 'x-amz-content-sha256');
  if (unhashed.has(claimed) || /^[0-9a-f]{64}$/.test(claimed)) return claimed;
  if (claimed === '' && expires !== undefined) return 'UNSIGNED-PAYLOAD';
  if (claimed === '') {
    throw new AwsError(400, 'InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  throw new AwsError(501, 'NotImplemented', `x-amz-content-sha256: ${claimed} is not served locally`);
}
