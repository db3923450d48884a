import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Every client keeps what it has resolved of a command for the next: half the CPU of a small call. */
export const lean = { cacheMiddleware: true };

/** Calls give up early and try again twice: a stream or a phone retries what still fails. */
const patience = { ...lean, maxAttempts: 3 };

/**
 * Without limits a connection that is dead holds its function until Lambda ends it. `requestTimeout` only warns unless
 * `throwOnRequestTimeout` is set. Source: "UPGRADING.md" of aws-sdk-js-v3, request handlers.
 */
const limits = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

export const dynamodb = (): DynamoDBClient => new DynamoDBClient({ ...patience, requestHandler: limits });

export const sts = (): STSClient => new STSClient({ ...patience, requestHandler: limits });

/**
 * Over HTTP/1.1, with a connection that is kept: the client's own HTTP/2 takes one and a half times the CPU a call, and
 * an instance makes one call at a time. `StreamWriter` limits all attempts together.
 */
export const kinesis = (): KinesisClient =>
  new KinesisClient({ ...patience, requestHandler: new NodeHttpHandler({ ...limits, requestTimeout: 4_000 }) });
