import type { Client } from '@opensearch-project/opensearch';
import { z } from 'zod';
import { isOutage, isPassing } from '../platform/search';
import type { IndexedRow } from './collect';
import { storedRowSchema, toPositions } from './documents';

const msearchSchema = z.object({
  responses: z.tuple([
    z.object({
      status: z.int().optional(),
      error: z.unknown().optional(),
      timed_out: z.boolean().optional(),
      _shards: z.object({ failed: z.int() }).optional(),
      hits: z
        .object({
          hits: z.array(
            z.object({
              _index: z.string(),
              _source: storedRowSchema,
              sort: z.array(z.union([z.number(), z.string()])),
            }),
          ),
        })
        .optional(),
    }),
  ]),
});

/** The domain does not answer, or not for all of its indices. */
export class IndexDown extends Error {
  override readonly name = 'IndexDown';
}

/**
 * Searches rows in several indices at once; those that are not there (yet) have none. All or nothing: an answer that
 * lacks a shard is no answer.
 * @throws IndexDown
 */
export async function searchRows(client: Client, indices: string[], query: object): Promise<IndexedRow[]> {
  // The names travel in the body: a month of many cities would be too long for a request's path.
  const body = [{ index: indices, ignore_unavailable: true, allow_partial_search_results: false }, query];
  const response = await client.msearch({ body }).catch((error: unknown) => {
    throw isOutage(error) ? new IndexDown('no answer', { cause: error }) : error;
  });
  const [{ status = 200, error, timed_out, _shards, hits }] = msearchSchema.parse(response.body).responses;
  if (isPassing(status) || timed_out || (_shards?.failed ?? 0) > 0) throw new IndexDown(`status ${status}`);
  if (!hits) throw new Error(`The search was refused with ${status}: ${JSON.stringify(error)}`);
  return hits.hits.map(({ _index, _source, sort }) => ({ index: _index, positions: toPositions(_source), sort }));
}
