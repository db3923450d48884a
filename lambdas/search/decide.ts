import type { Partition } from '../contract/partition';
import { decodeRow } from '../contract/track-row';
import type { Change, Read } from '../platform/streams';
import { toEntries } from './documents';
import type { Operation } from './row-writer';

/** An operation on the index, and the partition that it is about. */
export interface Task {
  operation: Operation;
  partition: Partition;
}

/** A task, and the stream's records that it answers for. */
export interface Pending extends Task {
  sequences: string[];
}

/**
 * What a change of the tracks table asks of the index. A row that its time to live took away leaves the index too, at
 * a version above any that it had: changes from before, delivered late, don't bring it back.
 * @returns undefined where the item is no row
 * @throws where it claims to be a row and can't be read
 */
export function toTasks({ kind, before, after }: Change): Task[] | undefined {
  const gone = kind === 'REMOVE';
  const image = gone ? before : after;
  const row = image && decodeRow(image);
  return (
    row &&
    toEntries(row).map(({ partition, index, id, version, document }) => ({
      partition,
      operation: gone ? { index, id, version: version + 1 } : { index, id, version, document },
    }))
  );
}

/** One task a document, of the newest version: a batch often has several versions of a row. */
export function newest(reads: readonly Read<Task[]>[]): Pending[] {
  const byDocument = new Map<string, Pending>();
  for (const { sequence, value } of reads) {
    for (const task of value) {
      const key = `${task.operation.index}/${task.operation.id}`;
      const known = byDocument.get(key);
      const latest = known && known.operation.version > task.operation.version ? known : task;
      const { operation, partition } = latest;
      byDocument.set(key, { operation, partition, sequences: [...(known?.sequences ?? []), sequence] });
    }
  }
  return [...byDocument.values()];
}
