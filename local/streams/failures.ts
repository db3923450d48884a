import { randomUUID } from 'node:crypto';
import type { FunctionFault } from '../model';
import type { GivenUp } from './process';
import type { Source, StreamRecord } from './source';

export interface FailureObject {
  bucket: string;
  key: string;
  body: string;
}

/**
 * The object that an S3 on-failure destination gets, whole invocation record included.
 * Source: Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event source in Lambda":
 * key `aws/lambda/<ESM-UUID>/<shardID>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<Random UUID>`; `payload` is the event as text.
 * @param at when the records were given up
 */
export function failureObject(
  bucketArn: string,
  mapping: { uuid: string; functionArn: string; source: Source },
  shardId: string,
  failure: GivenUp<StreamRecord>,
  at: Date,
): FailureObject {
  const time = at.toISOString();
  const stamp = time.slice(0, 19).replaceAll(':', '.');
  const { records, condition, invocations, fault } = failure;
  const document = {
    requestContext: {
      requestId: randomUUID(),
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: invocations,
    },
    ...(invocations > 0 && { responseContext: responseOf(fault) }),
    version: '1.0',
    timestamp: time,
    [`${mapping.source.kind}BatchInfo`]: batchInfo(mapping.source.arn, shardId, records),
    payload: JSON.stringify({ Records: records.map(({ event }) => event) }),
  };
  return {
    bucket: bucketArn.split(':::')[1] ?? '',
    key: `aws/lambda/${mapping.uuid}/${shardId}/${time.slice(0, 10).replaceAll('-', '/')}/${stamp}-${randomUUID()}`,
    body: JSON.stringify(document),
  };
}

function responseOf(fault: FunctionFault | undefined): Record<string, unknown> {
  return { statusCode: 200, executedVersion: '$LATEST', ...(fault && { functionError: 'Unhandled' }) };
}

function batchInfo(streamArn: string, shardId: string, records: readonly StreamRecord[]): Record<string, unknown> {
  const [first, last] = [records[0], records.at(-1)];
  return {
    shardId,
    startSequenceNumber: first?.sequence,
    endSequenceNumber: last?.sequence,
    approximateArrivalOfFirstRecord: first && new Date(first.at).toISOString(),
    approximateArrivalOfLastRecord: last && new Date(last.at).toISOString(),
    batchSize: records.length,
    streamArn,
  };
}

/** Puts an object into the store, past the front: Lambda's own service writes it. @throws when the store is away */
export async function putObject(
  storeUrl: string,
  { bucket, key, body }: FailureObject,
  signal: AbortSignal,
): Promise<void> {
  const path = key.split('/').map(encodeURIComponent).join('/');
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${storeUrl}/${bucket}/${path}`, { method: 'PUT', headers, body, signal });
  if (!response.ok)
    throw new Error(`the failures bucket answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
}
