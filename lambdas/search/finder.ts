import { z } from 'zod';
import { type CursorScope, decodeCursor, encodeCursor } from '../contract/cursor';
import { Problem, Unavailable } from '../contract/errors';
import type { Partition } from '../contract/partition';
import type { TrackedPosition } from '../contract/position';
import { dynamodb } from '../platform/clients';
import { searchClient } from '../platform/search';
import { bounded } from '../platform/streams';
import { Catalogue } from './catalogue';
import type { Hit } from './collect';
import type { Key } from './order';
import { findPage, type OpenStage, type Page } from './page';
import { isWanted, localDays } from './plan';
import type { Search } from './request';
import { IndexDown, searchRows } from './row-index';
import { rowsQuery } from './rows-query';

/** Rows that one call of the index gives at most: some 1 MB, at four points a row. */
export const ROWS_PER_CALL = 1_000;
const FEWEST_ROWS = 50;
const CATALOGUE_WIDTH = 8;
const RETRY_AFTER_SECONDS = 5;
/** One call of the index; it takes some tens of milliseconds. The gateway gives up after 29 seconds. */
const REQUEST_TIMEOUT_MS = 15_000;

interface FinderEnvironment {
  SEARCH_ENDPOINT: string;
  PARTITIONS_TABLE: string;
  AWS_REGION: string;
}

/** Finds what a search asks for: first the partitions, then the hits in them. */
export interface Finder {
  partitions(search: Search): Promise<Partition[]>;
  /** @throws Unavailable while the domain is down; BadRequest `search_too_broad` */
  page(search: Search, partitions: readonly Partition[], after: Key | undefined): Promise<Page>;
}

/** @returns undefined where the environment has no search domain */
export function newFinder(env: FinderEnvironment, rowsPerCall = ROWS_PER_CALL): Finder | undefined {
  if (env.SEARCH_ENDPOINT === '') return undefined;
  const client = searchClient(env.SEARCH_ENDPOINT, env.AWS_REGION, REQUEST_TIMEOUT_MS);
  const catalogue = new Catalogue(dynamodb(), env.PARTITIONS_TABLE);
  const open: OpenStage = (search, stage, order) => {
    const size = Math.min(rowsPerCall, Math.max(FEWEST_ROWS, search.limit));
    const indices = stage.partitions.flatMap(({ index }) => index ?? []);
    return async (after) => {
      const rows = await searchRows(client, indices, rowsQuery(search, stage, order, size, after));
      return { rows, more: rows.length === size };
    };
  };
  return {
    partitions: (search) => wantedPartitions(catalogue, search),
    page: (search, partitions, after) =>
      findPage(search, partitions, after, open).catch((error: unknown) => {
        throw error instanceof IndexDown ? outage() : error;
      }),
  };
}

/** @returns the partitions that may hold what is looked for, in order of time */
async function wantedPartitions(catalogue: Catalogue, search: Search): Promise<Partition[]> {
  const found: Partition[] = [];
  const failed = await bounded(localDays(search), CATALOGUE_WIDTH, async (day) => {
    found.push(...(await catalogue.ofDay(day)).filter((partition) => isWanted(partition, search)));
  });
  for (const error of failed.values()) throw error;
  return found.sort((a, b) => a.from - b.from || (a.city < b.city ? -1 : 1));
}

const outage = () =>
  new Unavailable('search_unavailable', 'The search index does not answer. Try again soon.', RETRY_AFTER_SECONDS);

/** For environments without a search domain: waiting would not help. */
export const noDomain = (): Problem =>
  new Problem(503, 'search_unavailable', 'This deployment has no search index. Everything else works.');

const keySchema = z.tuple([z.number(), z.number(), z.string(), z.string()]);

/** What decides which hits there are and in which order. */
const scopeOf = ({ limit: _, ...search }: Search): CursorScope => ['search', JSON.stringify(search)];

export const encodeKey = (search: Search, { distance, time, device, task }: Key): string =>
  encodeCursor(scopeOf(search), [distance, time, device, task]);

/** @throws BadRequest `invalid_cursor`, `foreign_cursor` */
export function decodeKey(search: Search, cursor: string): Key {
  const [distance, time, device, task] = decodeCursor(scopeOf(search), cursor, keySchema);
  return { distance, time, device, task };
}

/** A hit as an answer has it; the distance (m) where that is what it is sorted by. */
export const toAnswer = ({ sort }: Search, { position, key }: Hit): TrackedPosition & { distance?: number } =>
  sort === 'distance' ? { ...position, distance: key.distance } : position;
