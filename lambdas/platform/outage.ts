import { z } from 'zod';

/**
 * Names of refusals that pass: throttling, and credentials that are about to be renewed.
 * Source: "Error handling with DynamoDB", Amazon DynamoDB developer guide, error messages and codes: OK to retry.
 */
const passing = new Set([
  'ExpiredTokenException',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TimeoutError',
  'UnrecognizedClientException',
]);

/** What the SDK marks an error of a call with, and Node one of a socket. */
const marks = z.object({
  name: z.string(),
  code: z.unknown().optional(),
  $metadata: z.object({ httpStatusCode: z.number().optional() }).optional(),
});

/**
 * @returns whether what a call to AWS threw will pass by itself: no connection, no answer in time, throttling, or an
 * error of the service. A request that is refused for what is in it or for who sends it does not, nor does a mistake of
 * this code.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, $metadata } = marks.parse({ ...error, name: error.name });
  const ofSocket = typeof code === 'string' && !code.startsWith('ERR_');
  return ofSocket || passing.has(name) || ($metadata?.httpStatusCode ?? 0) >= 500;
}
