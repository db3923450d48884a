import type { Call } from './call';
import { operationOf } from './dynamodb';

const writes: ReadonlySet<string> = new Set([
  ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'],
  ...['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction'],
  ...['PutRecord', 'PutRecords', 'SplitShard', 'MergeShards', 'UpdateShardCount'],
]);

/** Whether a call may put something into a stream, or close a shard of it. */
export function writesStream(call: Call): boolean {
  return (call.service === 'dynamodb' || call.service === 'kinesis') && writes.has(operationOf(call));
}
