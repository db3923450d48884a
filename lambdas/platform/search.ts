import { Client, errors } from '@opensearch-project/opensearch';
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3';
import { defaultProvider } from './credentials';

/**
 * A client of an OpenSearch domain that lets in signed requests only. It doesn't retry: a stream's consumer tries
 * again for longer than a client should, and a caller who waits is told soon that there is nothing to wait for.
 * @param endpoint `https://…`
 * @param requestTimeout ms after which a request is given up
 */
export function searchClient(endpoint: string, region: string, requestTimeout: number): Client {
  return new Client({
    ...AwsSigv4Signer({ region, service: 'es', getCredentials: defaultProvider() }),
    node: endpoint,
    requestTimeout,
    maxRetries: 0,
  });
}

/** @returns whether an HTTP status says that the same request may do later: the domain is busy or in trouble */
export const isPassing = (status: number): boolean => status === 429 || status >= 500;

/** @returns whether what a request threw will pass: no answer, none in time, or one that says so */
export function isOutage(error: unknown): boolean {
  if (error instanceof errors.ResponseError) return isPassing(error.statusCode ?? 500);
  return error instanceof errors.OpenSearchClientError;
}
