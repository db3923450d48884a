import type { Partition } from '../contract/partition';
import { decodeRow, rowVersion, trackAttributes } from '../contract/track-row';
import type { Change, Read } from '../platform/streams';
import { type Entry, toEntries } from './documents';
import type { Operation } from './row-writer';

const { mended } = trackAttributes;

/** An operation on the index, and the partition that it is about. */
export interface Task {
  operation: Operation;
  partition: Partition;
}

/** A task, and the stream's records that it answers for. */
export interface Pending extends Task {
  sequences: string[];
}

type Image = Change['before'];

/** Parts of a row, one for each partition that it touches. */
function entriesOf(image: Image): Entry[] | undefined {
  const row = image && decodeRow(image);
  return row && toEntries(row);
}

const deletion = ({ partition, index, id }: Entry, version: number): Task => ({
  partition,
  operation: { index, id, version },
});

/** Partitions that a mended row has left: what it had there was not to stay. */
function left(before: Image, after: Image, entries: readonly Entry[]): Task[] {
  if (before?.[mended] === after?.[mended]) return [];
  const stays = new Set(entries.map(({ index }) => index));
  const row = after && decodeRow(after);
  return (entriesOf(before) ?? [])
    .filter(({ index }) => !stays.has(index))
    .map((entry) => deletion(entry, row ? rowVersion(row) : entry.version + 1));
}

/**
 * What a change of the tracks table asks of the index. A row that its time to live took away leaves the index too, at
 * a version above any that it had: changes from before, delivered late, don't bring it back.
 * @returns undefined where the item is no row
 * @throws where it has not even keys
 */
export function toTasks({ kind, before, after }: Pick<Change, 'kind' | 'before' | 'after'>): Task[] | undefined {
  if (kind === 'REMOVE') return entriesOf(before)?.map((entry) => deletion(entry, entry.version + 1));
  const entries = entriesOf(after);
  const written = entries?.map(
    ({ partition, index, id, version, document }): Task => ({ partition, operation: { index, id, version, document } }),
  );
  return entries && written && [...written, ...left(before, after, entries)];
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
