import { z } from 'zod';
import { AwsError } from '../call';
import type { Access, Facts } from './access';

const onStream = new Set([
  'DeleteStream',
  'DescribeStream',
  'DescribeStreamSummary',
  'GetRecords',
  'GetShardIterator',
  'ListShards',
  'ListTagsForStream',
  'MergeShards',
  'PutRecord',
  'PutRecords',
  'SplitShard',
  'CreateStream',
]);
const onNothing = new Set(['ListStreams', 'DescribeLimits']);

const named = z.object({ StreamName: z.string().optional(), StreamARN: z.string().optional() });

/**
 * What a call to Kinesis needs. Source: Service Authorization Reference, "Actions, resources, and condition keys for
 * Amazon Kinesis Data Streams".
 * @throws AwsError for an operation that is not known, and for one whose stream only a shard iterator names
 */
export function kinesisAccess(operation: string, body: Buffer, facts: Facts): Access[] {
  const action = `kinesis:${operation}`;
  if (onNothing.has(operation)) return [{ action, resource: '*' }];
  if (!onStream.has(operation)) {
    throw new AwsError(400, 'UnknownOperationException', `${operation} is not served locally`);
  }
  const { StreamARN, StreamName } = stream(body);
  if (StreamARN !== undefined) return [{ action, resource: StreamARN }];
  if (StreamName !== undefined) return [{ action, resource: facts.arn('kinesis', `stream/${StreamName}`) }];
  throw new AwsError(
    400,
    'InvalidArgumentException',
    `${operation} is served locally with StreamARN or StreamName only`,
  );
}

function stream(body: Buffer): z.infer<typeof named> {
  try {
    return named.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw new AwsError(400, 'SerializationException', 'The request can not be read');
  }
}
