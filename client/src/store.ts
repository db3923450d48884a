import { member, numberOf, pointOf, textOf } from './json';
import type { Point } from './point';

/** A position on its way to the server. */
export interface Entry {
  /** Grows with each entry of a store. */
  seq: number;
  /** As its source told it. */
  point: Point;
  /** What it belongs to; without it, the local day. */
  task?: string;
  /** When it was told, by the device's clock (epoch ms). */
  toldAt: number;
  /**
   * Its time by the server's clock: under this it is sent, and never under another, for the server knows a point by
   * its time. Missing where the server's clock was not known yet.
   */
  time?: number;
}

/** Reads an entry back; undefined where it is none. */
export function entryOf(value: unknown): Entry | undefined {
  const [seq, toldAt, point] = [numberOf(value, 'seq'), numberOf(value, 'toldAt'), pointOf(member(value, 'point'))];
  if (seq === undefined || toldAt === undefined || point === undefined) return undefined;
  const [task, time] = [textOf(value, 'task'), numberOf(value, 'time')];
  return {
    seq,
    toldAt,
    point,
    ...(task !== undefined && { task }),
    ...(time !== undefined && { time }),
  };
}

/**
 * Where positions wait so that they outlive the process. One tracker at a time uses a store. Calls may overlap; they
 * take effect in their order.
 */
export interface Store {
  /** Everything kept, in order of `seq`. Called once, before anything else. */
  open(): Promise<Entry[]>;
  /** Keeps entries, in place of those with the same `seq`. Durable once it resolves: not before. */
  put(entries: readonly Entry[]): Promise<void>;
  /** Forgets entries. A crash may bring them back: what is sent twice counts once. */
  remove(seqs: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

/** Keeps positions in memory only: for tests, and where nothing else is there. They end with the process. */
export class MemoryStore implements Store {
  private readonly entries = new Map<number, Entry>();

  async open(): Promise<Entry[]> {
    return [...this.entries.values()].sort((a, b) => a.seq - b.seq);
  }

  async put(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) this.entries.set(entry.seq, entry);
  }

  async remove(seqs: readonly number[]): Promise<void> {
    for (const seq of seqs) this.entries.delete(seq);
  }

  async close(): Promise<void> {}
}
