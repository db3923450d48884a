import { z } from 'zod';
import { callEngine } from '../engine-call';
import type { Page, Source, SourceOptions, StreamRecord } from './source';

const attributes = z.record(z.string(), z.unknown());
const tableAnswer = z.object({ Table: z.object({ LatestStreamArn: z.string() }) });
const streamAnswer = z.object({
  StreamDescription: z.object({
    Shards: z.array(z.object({ ShardId: z.string(), ParentShardId: z.string().optional() })).default([]),
  }),
});
const iteratorAnswer = z.object({ ShardIterator: z.string() });
const record = z.object({
  eventID: z.string(),
  eventName: z.string(),
  eventVersion: z.string().default('1.1'),
  dynamodb: z.object({
    ApproximateCreationDateTime: z.number(),
    Keys: attributes,
    NewImage: attributes.optional(),
    OldImage: attributes.optional(),
    SequenceNumber: z.string(),
    SizeBytes: z.number().optional(),
    StreamViewType: z.string(),
  }),
  userIdentity: z.unknown().optional(),
});
const page = z.object({ Records: z.array(record), NextShardIterator: z.string().nullish() });

/** Lambda polls a table's stream four times a second. Source: Lambda developer guide, "Using Lambda with DynamoDB". */
const pollMs = 250;

/** Who deletes an item whose time to live is over. Source: DynamoDB developer guide, "DynamoDB Streams and TTL". */
const timeToLive = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };

/** The stream of a table. @param options.arn the stream's ARN in the template; the engine has one of its own */
export function tableSource(options: SourceOptions, tableName: string): Source {
  const call = <T>(action: string, body: Record<string, unknown>, answer: z.ZodType<T>, signal: AbortSignal) =>
    callEngine(options.engine(), 'streams', action, body, answer, signal);
  const streamArn = async (signal: AbortSignal): Promise<string> => {
    const body = { TableName: tableName };
    const { Table } = await callEngine(options.engine(), 'dynamodb', 'DescribeTable', body, tableAnswer, signal);
    return Table.LatestStreamArn;
  };
  return {
    kind: 'DDBStream',
    arn: options.arn,
    ...(options.bell && { bell: options.bell }),
    pollMs,
    shards: async (signal) => {
      const body = { StreamArn: await streamArn(signal) };
      const { StreamDescription } = await call('DescribeStream', body, streamAnswer, signal);
      return StreamDescription.Shards.map(({ ShardId, ParentShardId }) => ({
        id: ShardId,
        parentIds: ParentShardId === undefined ? [] : [ParentShardId],
      }));
    },
    iterator: async (ShardId, position, signal) => {
      const where =
        'after' in position
          ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position.after }
          : { ShardIteratorType: position.from };
      const body = { StreamArn: await streamArn(signal), ShardId, ...where };
      return (await call('GetShardIterator', body, iteratorAnswer, signal)).ShardIterator;
    },
    read: async (_, ShardIterator, signal): Promise<Page> => {
      const answer = await call('GetRecords', { ShardIterator, Limit: 1000 }, page, signal);
      const bytes = answer.Records.reduce((sum, { dynamodb }) => sum + (dynamodb.SizeBytes ?? 0), 0);
      if (answer.Records.length > 0) options.consumed(answer.Records.length, bytes);
      return {
        records: answer.Records.map((each) => streamRecord(each, options)),
        next: answer.NextShardIterator ?? undefined,
      };
    },
  };
}

const MINUTE_MS = 60_000;

/**
 * When a record was made, as nearly as can be said. The engine dates it to the minute, rounded down, where AWS dates it
 * to the second; it was made within that minute, and before it was read.
 * @param seconds `ApproximateCreationDateTime`, epoch seconds
 * @param readAt epoch ms
 * @returns epoch ms
 */
export function createdAt(seconds: number, readAt: number): number {
  const minute = seconds * 1_000;
  return Math.max(minute, Math.min(readAt, minute + MINUTE_MS - 1));
}

function streamRecord(raw: z.infer<typeof record>, { arn, region }: SourceOptions): StreamRecord {
  // The engine names what its time-to-live worker removed in a way of its own.
  const expired = raw.eventName === 'UNKNOWN_TO_SDK_VERSION';
  const event = {
    eventID: raw.eventID,
    eventName: expired ? 'REMOVE' : raw.eventName,
    eventVersion: raw.eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: raw.dynamodb,
    ...(expired && { userIdentity: timeToLive }),
    ...(!expired && raw.userIdentity !== undefined && { userIdentity: raw.userIdentity }),
    eventSourceARN: arn,
  };
  return {
    sequence: raw.dynamodb.SequenceNumber,
    key: JSON.stringify(raw.dynamodb.Keys),
    at: createdAt(raw.dynamodb.ApproximateCreationDateTime, Date.now()),
    bytes: Buffer.byteLength(JSON.stringify(event)),
    event,
    filterable: event,
  };
}
