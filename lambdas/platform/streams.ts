import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent, KinesisStreamEvent } from 'aws-lambda';
import { plainItem } from './items';
import { logError } from './log';

/** What a stream's consumer answers: the sequence numbers to try again. */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/** A record read, with the sequence number that reports it. */
export interface Read<T> {
  sequence: string;
  value: T;
}

/** Records that could be read, and the sequence numbers of those that could not. */
export interface ReadBatch<T> {
  good: Read<T>[];
  bad: string[];
}

function readAll<R, T>(
  records: R[],
  sequenceOf: (record: R) => string,
  read: (record: R) => T | undefined,
): ReadBatch<T> {
  const batch: ReadBatch<T> = { good: [], bad: [] };
  for (const record of records) {
    const sequence = sequenceOf(record);
    try {
      const value = read(record);
      if (value !== undefined) batch.good.push({ sequence, value });
    } catch (error) {
      logError('unreadable record', error, { sequence });
      batch.bad.push(sequence);
    }
  }
  return batch;
}

/** Reads a Kinesis event; a record that can't be read is set apart, never thrown. `undefined` leaves a record out. */
export function readKinesis<T>(event: KinesisStreamEvent, decode: (data: Uint8Array) => T | undefined): ReadBatch<T> {
  return readAll(
    event.Records,
    (record) => record.kinesis.sequenceNumber,
    (record) => decode(Buffer.from(record.kinesis.data, 'base64')),
  );
}

/** An item as the table's stream reports it, before and after. */
export interface Change {
  kind: 'INSERT' | 'MODIFY' | 'REMOVE';
  before: Record<string, unknown> | undefined;
  after: Record<string, unknown> | undefined;
  /** About when it was written, as the stream says (epoch ms): to the second, and the same for every delivery. */
  at: number;
}

const plain = (image: Record<string, unknown> | undefined) =>
  image && plainItem(image as Record<string, AttributeValue>);

function toChange(record: DynamoDBRecord): Change {
  return {
    kind: record.eventName ?? 'MODIFY',
    before: plain(record.dynamodb?.OldImage),
    after: plain(record.dynamodb?.NewImage),
    at: (record.dynamodb?.ApproximateCreationDateTime ?? Date.now() / 1_000) * 1_000,
  };
}

/** Reads a table's stream event; see `readKinesis`. */
export function readChanges<T>(event: DynamoDBStreamEvent, decode: (change: Change) => T | undefined): ReadBatch<T> {
  return readAll(
    event.Records,
    (record) => record.dynamodb?.SequenceNumber ?? '',
    (record) => decode(toChange(record)),
  );
}

/** @returns the answer that names each failed record by its own id */
export const failing = (sequences: Iterable<string>): BatchResponse => ({
  batchItemFailures: [...new Set(sequences)].map((itemIdentifier) => ({ itemIdentifier })),
});

/**
 * Runs `task` over `items`, at most `width` at a time; every item is tried, whatever the others do.
 * @returns what each failed item threw
 */
export async function bounded<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<void>,
): Promise<Map<T, unknown>> {
  const failed = new Map<T, unknown>();
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await task(item).catch((error: unknown) => failed.set(item, error));
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return failed;
}
