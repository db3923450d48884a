import type { TrackedPosition } from '../contract/position';
import type { Key, Order, SortValues } from './order';

/** A row as the index keeps it: what one partition has of one minute of one track. */
export interface IndexedRow {
  /** The index it was found in. */
  index: string;
  positions: TrackedPosition[];
  sort: SortValues;
}

export interface Hit {
  key: Key;
  position: TrackedPosition;
  index: string;
}

/** Reads the next rows in the index's order; fewer than a page means that there are no more. */
export type ReadRows = (after: SortValues | undefined) => Promise<{ rows: IndexedRow[]; more: boolean }>;

/** How many more calls a request may make. */
export interface Budget {
  calls: number;
}

interface Wanted {
  order: Order;
  /** The exact filter: the index only rules rows out. */
  matches: (position: TrackedPosition) => boolean;
  /** Hits up to this one were given before. */
  after: Key | undefined;
  limit: number;
  /** No hit of these rows comes before this. */
  start: Key;
  budget: Budget;
}

export interface Collected {
  /** In order, each once, at most `limit`. */
  hits: Hit[];
  /** Where the calls ran out: hits after this were not looked for. Undefined where every hit was, or `limit` were found. */
  stoppedAt: Key | undefined;
}

/** Hits of both lists in order, each once, at most `limit`. A row indexed twice (a city's outline moved) counts once. */
function merge(kept: Hit[], found: Hit[], { order, limit }: Wanted): Hit[] {
  const all = [...kept, ...found].sort((a, b) => order.compare(a.key, b.key));
  const once = all.filter((hit, i) => {
    const previous = all[i - 1];
    return previous === undefined || order.compare(previous.key, hit.key) !== 0;
  });
  return once.slice(0, limit);
}

function hitsOf(rows: IndexedRow[], { order, matches, after }: Wanted): Hit[] {
  return rows.flatMap(({ index, positions }) =>
    positions
      .filter(matches)
      .map((position): Hit => ({ key: order.keyOf(position), position, index }))
      .filter(({ key }) => after === undefined || order.compare(key, after) > 0),
  );
}

/**
 * Finds the first `limit` hits after `after`. Rows overlap in the order of their points, so rows are read until
 * nothing unread can come before the last hit kept. Keeps `limit` hits and one page of rows in memory.
 */
export async function collect(read: ReadRows, wanted: Wanted): Promise<Collected> {
  const { order, limit, budget } = wanted;
  let kept: Hit[] = [];
  let floor = wanted.start;
  let at: SortValues | undefined;
  for (; budget.calls > 0; ) {
    budget.calls -= 1;
    const { rows, more } = await read(at);
    kept = merge(kept, hitsOf(rows, wanted), wanted);
    at = rows.at(-1)?.sort;
    if (!more || at === undefined) return { hits: kept, stoppedAt: undefined };
    floor = order.floor(at);
    const last = kept[limit - 1];
    if (last && order.compare(last.key, floor) <= 0) return { hits: kept, stoppedAt: undefined };
  }
  return { hits: kept.filter(({ key }) => order.compare(key, floor) <= 0), stoppedAt: floor };
}
