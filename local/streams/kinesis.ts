import { z } from 'zod';
import { callEngine } from '../engine-call';
import { trace } from '../trace';
import type { Page, Shard, Source, SourceOptions, StreamRecord } from './source';

const shardList = z.object({
  Shards: z.array(
    z.object({
      ShardId: z.string(),
      ParentShardId: z.string().optional(),
      AdjacentParentShardId: z.string().optional(),
    }),
  ),
});
const iteratorAnswer = z.object({ ShardIterator: z.string() });
const record = z.object({
  SequenceNumber: z.string(),
  PartitionKey: z.string(),
  Data: z.string(),
  ApproximateArrivalTimestamp: z.number(),
});
const page = z.object({ Records: z.array(record), NextShardIterator: z.string().nullish() });

/** A shared-throughput reader polls once a second in AWS; a quarter of that keeps a laptop's tests quick. */
const sharedPollMs = 250;
/** A consumer with enhanced fan-out gets records pushed, some 70 ms after the put. */
const consumerPollMs = 40;

/** @param consumer true for a consumer with enhanced fan-out, which has a reader of its own */
export function kinesisSource(options: SourceOptions, streamName: string, consumer: boolean): Source {
  const call = <T>(action: string, body: Record<string, unknown>, answer: z.ZodType<T>, signal: AbortSignal) =>
    callEngine(options.engine(), 'kinesis', action, body, answer, signal);
  return {
    kind: 'Kinesis',
    arn: options.arn,
    ...(options.bell && { bell: options.bell }),
    pollMs: consumer ? consumerPollMs : sharedPollMs,
    shards: async (signal) => {
      const { Shards } = await call('ListShards', { StreamName: streamName }, shardList, signal);
      return Shards.map(shardOf);
    },
    iterator: async (ShardId, position, signal) => {
      const where =
        'after' in position
          ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: position.after }
          : { ShardIteratorType: position.from };
      const body = { StreamName: streamName, ShardId, ...where };
      return (await call('GetShardIterator', body, iteratorAnswer, signal)).ShardIterator;
    },
    read: async (shardId, ShardIterator, signal): Promise<Page> => {
      const answer = await call('GetRecords', { ShardIterator, Limit: 2000 }, page, signal);
      const bytes = answer.Records.reduce((sum, { Data }) => sum + Buffer.byteLength(Data, 'base64'), 0);
      if (answer.Records.length > 0) options.consumed(answer.Records.length, bytes);
      if (consumer) trace.seeRecords('read', () => JSON.stringify(answer.Records));
      const records = answer.Records.map((each) => streamRecord(each, shardId, options));
      return { records, next: answer.NextShardIterator ?? undefined };
    },
  };
}

function shardOf(each: z.infer<typeof shardList>['Shards'][number]): Shard {
  const parents = [each.ParentShardId, each.AdjacentParentShardId];
  return { id: each.ShardId, parentIds: parents.filter((id): id is string => id !== undefined) };
}

/** The event as Lambda builds it. Source: Lambda developer guide, "Example Kinesis Data Streams event". */
function streamRecord(
  raw: z.infer<typeof record>,
  shardId: string,
  { arn, region, roleArn }: SourceOptions,
): StreamRecord {
  const kinesis = {
    kinesisSchemaVersion: '1.0',
    partitionKey: raw.PartitionKey,
    sequenceNumber: raw.SequenceNumber,
    data: raw.Data,
    approximateArrivalTimestamp: raw.ApproximateArrivalTimestamp,
  };
  const event = {
    kinesis,
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${raw.SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: roleArn,
    awsRegion: region,
    eventSourceARN: arn,
  };
  return {
    sequence: raw.SequenceNumber,
    key: raw.PartitionKey,
    at: raw.ApproximateArrivalTimestamp * 1000,
    bytes: Buffer.byteLength(JSON.stringify(event)),
    event,
    get filterable() {
      return { ...kinesis, data: decoded(raw.Data) };
    },
  };
}

/** Data that is JSON is matched as such, other data as text. */
function decoded(data: string): unknown {
  const text = Buffer.from(data, 'base64').toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
