import { BadRequest } from '../contract/errors';
import type { Partition } from '../contract/partition';
import { inArea } from './areas';
import { type Budget, collect, type Hit, type ReadRows } from './collect';
import { type Key, type Order, orderOf } from './order';
import { type Stage, toStages } from './plan';
import type { Search } from './request';

/** Calls of the index that one request makes at most. With `ROWS_PER_CALL` it bounds a request's time. */
export const CALLS_PER_REQUEST = 60;

export interface Page {
  /** What was searched. */
  partitions: Partition[];
  hits: Hit[];
  /** Hits up to this one were given. Undefined: there are no more. */
  next: Key | undefined;
}

/** Opens the rows of a stage. */
export type OpenStage = (search: Search, stage: Stage, order: Order) => ReadRows;

const exactly =
  ({ devices, area }: Search, { from, to }: Stage) =>
  (position: { device: string; time: number; lat: number; lon: number }) =>
    position.time >= from &&
    position.time < to &&
    (devices === undefined || devices.includes(position.device)) &&
    (area === undefined || inArea(position, area));

/** The calls ran out: what was found so far, if that is a step ahead. */
function unfinished(stoppedAt: Key, after: Key | undefined, order: Order): Key {
  if (after === undefined || order.compare(stoppedAt, after) > 0) return stoppedAt;
  const detail = 'Too many rows lie at this place of the order. Narrow the time, the area or the devices.';
  throw new BadRequest('search_too_broad', detail);
}

/**
 * One page of a search: the first `limit` hits after `after`, or fewer with a `next` where the calls run out.
 * @throws BadRequest `search_too_broad` where the calls don't suffice for a single step
 */
export async function findPage(
  search: Search,
  partitions: readonly Partition[],
  after: Key | undefined,
  open: OpenStage,
  budget: Budget = { calls: CALLS_PER_REQUEST },
): Promise<Page> {
  const order = orderOf(search.sort, search.near);
  const page: Page = { partitions: [], hits: [], next: undefined };
  for (const stage of toStages(search, partitions, after)) {
    // One more than asked for tells whether there is a next page.
    const limit = search.limit + 1 - page.hits.length;
    const matches = exactly(search, stage);
    const wanted = { order, matches, after, limit, start: stage.start, budget };
    const { hits, stoppedAt } = await collect(open(search, stage, order), wanted);
    page.hits.push(...hits);
    page.partitions = [...new Set([...page.partitions, ...stage.partitions])];
    if (page.hits.length > search.limit) return cut(page, search.limit);
    if (stoppedAt) return { ...page, next: unfinished(stoppedAt, after, order) };
  }
  return page;
}

/** The page with its first `limit` hits, going on after them. */
export function cut(page: Page, limit: number): Page {
  const hits = page.hits.slice(0, limit);
  return { ...page, hits, next: hits.at(-1)?.key };
}
