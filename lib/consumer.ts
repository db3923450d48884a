import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Failures } from './buckets';
import type { ServiceFunction } from './service-function';

export interface ConsumerProps {
  /** ARN of a stream, of one of its consumers, or of a table's stream. */
  source: string;
  failures: Failures;
  startsAt: 'oldest' | 'newest';
  /** Records of one invocation at most. */
  batch: number;
  /** Seconds that a batch is gathered for. */
  windowSeconds?: number;
  /** Batches of one shard at a time; a device's records stay in order. */
  parallel?: number;
  /** Records older than this go to the failures unread, before the stream forgets them. */
  maxAgeSeconds: number;
  /** What a record must look like to be handed over, as Lambda's filter patterns say it; of several, like any. */
  filter?: Record<string, unknown> | readonly Record<string, unknown>[];
}

/**
 * Has a function consume a stream. A bad record is tried three times, the batch halved around it, and is then
 * kept in S3 with its payload: it never holds up its shard.
 */
export function consume(fn: ServiceFunction, props: ConsumerProps): void {
  const { failures, windowSeconds, parallel, filter } = props;
  failures.grantKeep(fn);
  new EventSourceMapping(fn, 'Source', {
    target: fn,
    eventSourceArn: props.source,
    startingPosition: props.startsAt === 'oldest' ? StartingPosition.TRIM_HORIZON : StartingPosition.LATEST,
    batchSize: props.batch,
    bisectBatchOnError: true,
    retryAttempts: 2,
    reportBatchItemFailures: true,
    maxRecordAge: Duration.seconds(props.maxAgeSeconds),
    onFailure: { bind: () => ({ destination: failures.bucket.bucketArn }) },
    ...(windowSeconds !== undefined && { maxBatchingWindow: Duration.seconds(windowSeconds) }),
    ...(parallel !== undefined && { parallelizationFactor: parallel }),
    ...(filter && { filters: [filter].flat().map((pattern) => FilterCriteria.filter(pattern)) }),
  });
}
