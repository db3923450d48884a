import type { Entry, Store } from './store';

/** Points added together with when they were, so that their age is known; those of an earlier process are old. */
export interface Waiting extends Entry {
  /** By the monotonic clock (ms); −∞ for those found on opening. */
  since: number;
}

/**
 * The points that wait to be sent, oldest first: in memory, and in a store that outlives the process. Bounded: where it
 * overflows, every other point of its older half is dropped, so that a long silence coarsens a track but never cuts it.
 */
export class Buffer {
  private waiting: Waiting[] = [];
  private next = 1;
  /** The point added last, whether or not it still waits. */
  last: Entry | undefined;
  /** Entries of this seq and below are on their way and are not thinned. */
  private inFlight = 0;

  private constructor(
    private readonly store: Store,
    private readonly limit: number,
    private readonly onThinned: (dropped: number) => void,
  ) {}

  /** @param limit greatest number of points, at least 4 */
  static async open(store: Store, limit: number, onThinned: (dropped: number) => void): Promise<Buffer> {
    const buffer = new Buffer(store, Math.max(4, limit), onThinned);
    const found = await store.open();
    buffer.waiting = found.map((entry) => ({ ...entry, since: Number.NEGATIVE_INFINITY }));
    buffer.last = found.at(-1);
    buffer.next = (found.at(-1)?.seq ?? 0) + 1;
    return buffer;
  }

  get size(): number {
    return this.waiting.length;
  }

  get oldest(): Waiting | undefined {
    return this.waiting[0];
  }

  get newest(): Waiting | undefined {
    return this.waiting.at(-1);
  }

  /** Keeps a point; durable once this resolves. */
  async add(entry: Omit<Entry, 'seq'>, since: number): Promise<void> {
    const added: Waiting = { ...entry, seq: this.next++, since };
    this.waiting.push(added);
    this.last = added;
    await this.store.put([stored(added)]);
    if (this.waiting.length > this.limit) await this.thin();
  }

  /** The oldest points of one task, at most `most`, in order. They stay where they are until they are settled. */
  take(most: number): Waiting[] {
    const [first] = this.waiting;
    if (!first) return [];
    const other = this.waiting.findIndex(({ task }) => task !== first.task);
    const taken = this.waiting.slice(0, Math.min(most, other < 0 ? this.waiting.length : other));
    this.inFlight = taken.at(-1)?.seq ?? 0;
    return taken;
  }

  /** Changes entries in place, durably: their times, before they are sent. */
  async change(entries: readonly Waiting[]): Promise<void> {
    const bySeq = new Map(entries.map((entry) => [entry.seq, entry]));
    this.waiting = this.waiting.map((entry) => bySeq.get(entry.seq) ?? entry);
    this.last = (this.last && bySeq.get(this.last.seq)) ?? this.last;
    await this.store.put(entries.map(stored));
  }

  /** Ends a turn of sending. @param done what need not be sent again */
  async settle(done: readonly Waiting[]): Promise<void> {
    this.inFlight = 0;
    if (done.length === 0) return;
    const gone = new Set(done.map(({ seq }) => seq));
    this.waiting = this.waiting.filter(({ seq }) => !gone.has(seq));
    await this.store.remove([...gone]);
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async thin(): Promise<void> {
    const older = this.waiting.slice(0, this.waiting.length >> 1).filter(({ seq }) => seq > this.inFlight);
    const gone = new Set(older.filter((_, index) => index % 2 === 1).map(({ seq }) => seq));
    if (gone.size === 0) return;
    this.waiting = this.waiting.filter(({ seq }) => !gone.has(seq));
    this.onThinned(gone.size);
    await this.store.remove([...gone]);
  }
}

function stored({ since: _, ...entry }: Waiting): Entry {
  return entry;
}
