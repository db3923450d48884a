import type { Partition } from '../contract/partition';
import type { Hit } from './collect';
import type { Finder } from './finder';
import type { Key } from './order';
import type { Search } from './request';

/** What one partition has for a search. */
export interface Found {
  partition: Partition;
  hits: Hit[];
}

/** Hits that are held at a time. */
const HITS_AT_A_TIME = 2_000;

/** The hits of `partitions` taken together, in order, a page at a time, `limit` in all. */
async function* pages(finder: Finder, search: Search, partitions: Partition[], limit: number): AsyncGenerator<Hit[]> {
  let after: Key | undefined;
  let left = limit;
  do {
    const page = await finder.page({ ...search, limit: Math.min(left, HITS_AT_A_TIME) }, partitions, after);
    if (page.hits.length > 0) yield page.hits;
    left -= page.hits.length;
    after = page.next;
  } while (after && left > 0);
}

/** By time: one partition after the other in the search's order, each in order, until there are `limit` hits. */
async function* oneByOne(finder: Finder, search: Search, partitions: Partition[]): AsyncGenerator<Found> {
  let left = search.limit;
  for (const partition of search.sort === '-time' ? partitions.toReversed() : partitions) {
    if (left === 0) return;
    for await (const hits of pages(finder, search, [partition], left)) {
      left -= hits.length;
      yield { partition, hits };
    }
  }
}

/** By distance: the nearest `limit` of all are known when every partition was asked; then each has its share. */
async function* together(finder: Finder, search: Search, partitions: Partition[]): AsyncGenerator<Found> {
  const hits: Hit[] = [];
  for await (const page of pages(finder, search, partitions, search.limit)) hits.push(...page);
  for (const partition of partitions) {
    const share = hits.filter(({ index }) => index === partition.index);
    if (share.length > 0) yield { partition, hits: share };
  }
}

/** What each partition has for a search, as it is found: at most `limit` hits in all. */
export const byPartition = (finder: Finder, search: Search, partitions: Partition[]): AsyncGenerator<Found> =>
  search.sort === 'distance' ? together(finder, search, partitions) : oneByOne(finder, search, partitions);
