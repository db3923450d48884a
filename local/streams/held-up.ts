import type { Source } from './source';

/** A source whose every call first waits for `hold`, or fails with it: for faults of its engine. */
export function heldUp(source: Source, hold: (signal: AbortSignal) => Promise<void>): Source {
  return {
    ...source,
    shards: async (signal) => {
      await hold(signal);
      return source.shards(signal);
    },
    iterator: async (shardId, position, signal) => {
      await hold(signal);
      return source.iterator(shardId, position, signal);
    },
    read: async (shardId, iterator, signal) => {
      await hold(signal);
      return source.read(shardId, iterator, signal);
    },
  };
}
