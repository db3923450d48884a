import { AwsError, type Service } from './call';
import type { Problem } from './signature';

type Refusal = [status: number, code: string, message: string];

const noMatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const invalidToken = 'The security token included in the request is invalid.';
const expiredToken = 'The security token included in the request is expired';

/**
 * How DynamoDB and Kinesis refuse. Source: the "Common errors" pages of their API references; DynamoDB developer
 * guide, "Error handling with DynamoDB".
 */
const json: Record<Problem['is'], (detail: string) => Refusal> = {
  missing: () => [400, 'MissingAuthenticationTokenException', 'Request is missing Authentication Token'],
  incomplete: (detail) => [400, 'IncompleteSignatureException', detail],
  unsupported: (detail) => [400, 'IncompleteSignatureException', detail],
  'unknown key': () => [400, 'UnrecognizedClientException', invalidToken],
  'wrong token': () => [400, 'UnrecognizedClientException', invalidToken],
  'expired token': () => [400, 'ExpiredTokenException', expiredToken],
  mismatch: () => [400, 'InvalidSignatureException', noMatch],
  'wrong body': () => [400, 'InvalidSignatureException', noMatch],
  'out of time': (detail) => [400, 'InvalidSignatureException', detail],
  'wrong scope': (detail) => [400, 'InvalidSignatureException', detail],
  'expired request': () => [400, 'RequestExpired', 'Request has expired.'],
};

/** As the same gateway answers for `es` and `execute-api`: 403 for all. */
const forbidden = Object.fromEntries(
  Object.entries(json).map(([is, make]) => [is, (detail: string): Refusal => [403, ...rest(make(detail))]]),
);

function rest([, code, message]: Refusal): [string, string] {
  return [code, message];
}

/** Source: STS API reference, "Common errors"; what the service answers for expired tokens and wrong signatures. */
const query: Partial<typeof json> = {
  missing: () => [403, 'MissingAuthenticationToken', 'Request is missing Authentication Token'],
  incomplete: (detail) => [400, 'IncompleteSignature', detail],
  unsupported: (detail) => [400, 'IncompleteSignature', detail],
  'unknown key': () => [403, 'InvalidClientTokenId', invalidToken],
  'wrong token': () => [403, 'InvalidClientTokenId', invalidToken],
  'expired token': () => [403, 'ExpiredToken', expiredToken],
  mismatch: () => [403, 'SignatureDoesNotMatch', noMatch],
  'wrong body': () => [403, 'SignatureDoesNotMatch', noMatch],
  'out of time': (detail) => [403, 'SignatureDoesNotMatch', detail],
  'wrong scope': (detail) => [403, 'SignatureDoesNotMatch', detail],
};

/** Source: Amazon S3 API reference, "Error responses", list of error codes. */
const s3: Partial<typeof json> = {
  missing: () => [403, 'AccessDenied', 'Access Denied'],
  incomplete: (detail) => [400, 'AuthorizationHeaderMalformed', detail],
  unsupported: (detail) => [400, 'InvalidRequest', detail],
  'unknown key': () => [403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'],
  'wrong token': () => [400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.'],
  'expired token': () => [400, 'ExpiredToken', 'The provided token has expired.'],
  mismatch: () => [
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  'wrong body': () => [
    400,
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
  'out of time': () => [
    403,
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
  ],
  'wrong scope': (detail) => [400, 'AuthorizationHeaderMalformed', detail],
  'expired request': () => [403, 'AccessDenied', 'Request has expired'],
};

const byService: Readonly<Record<string, Partial<typeof json>>> = {
  s3,
  sts: query,
  es: forbidden,
  'execute-api': forbidden,
};

/** Says what is wrong with who asks, in the service's own words. */
export function refusal(service: Service | undefined, problem: Problem): AwsError {
  const words = service === 'dynamodb' || service === 'kinesis' ? json : (byService[service ?? ''] ?? forbidden);
  const make = words[problem.is] ?? json[problem.is];
  return new AwsError(...make('detail' in problem ? problem.detail : ''));
}

/** Says that a caller may not, as the service does. */
export function denied(service: Service, message: string): AwsError {
  if (service === 'dynamodb' || service === 'kinesis') return new AwsError(400, 'AccessDeniedException', message);
  return new AwsError(403, service === 's3' || service === 'sts' ? 'AccessDenied' : 'AccessDeniedException', message);
}
