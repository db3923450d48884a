import type { API, Client } from '@opensearch-project/opensearch';
import { z } from 'zod';
import { isOutage, isPassing } from '../platform/search';
import type { RowDocument } from './documents';

/** What to do with one document. `document` absent: delete it. */
export interface Operation {
  index: string;
  id: string;
  version: number;
  document?: RowDocument;
}

/** What became of an operation: `done` also where a newer version was there already. */
export type Outcome = 'done' | 'later' | 'refused';

const TEMPLATE = 'waystream-positions';

/**
 * Every index of a partition is made by this. A field that it does not name is refused. `path` is left out of what the
 * index gives back, since `points` has the same exactly.
 */
const template: API.Indices_PutIndexTemplate_RequestBody = {
  index_patterns: ['positions-*'],
  template: {
    settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
    mappings: {
      dynamic: 'strict',
      _source: { excludes: ['path'] },
      properties: {
        device: { type: 'keyword' },
        task: { type: 'keyword' },
        from: { type: 'date', format: 'epoch_millis' },
        to: { type: 'date', format: 'epoch_millis' },
        path: { type: 'geo_point' },
        points: { type: 'keyword', index: false, doc_values: false },
      },
    },
  },
};

/** A bulk request has at most so many operations, and about so many bytes: a domain's smallest limit is 10 MB. */
const BULK_OPERATIONS = 1_000;
const BULK_BYTES = 4_000_000;

const resultSchema = z.object({ status: z.int(), error: z.object({ type: z.string() }).loose().optional() });
const bulkSchema = z.object({
  items: z.array(z.union([z.object({ index: resultSchema }), z.object({ delete: resultSchema })])),
});

/** An operation as lines of a bulk request. The version is the row's own, so an older one never replaces a newer. */
function toLines({ index, id, version, document }: Operation): string {
  const meta = { _index: index, _id: id, version, version_type: 'external_gte' };
  return document
    ? `${JSON.stringify({ index: meta })}\n${JSON.stringify(document)}\n`
    : `${JSON.stringify({ delete: meta })}\n`;
}

interface Bulk {
  operations: Operation[];
  body: string;
  bytes: number;
}

/** Bundles operations into bulk requests of bounded size. */
export function toBulks(
  operations: readonly Operation[],
  maxOperations = BULK_OPERATIONS,
  maxBytes = BULK_BYTES,
): Bulk[] {
  const bulks: Bulk[] = [];
  let bulk: Bulk = { operations: [], body: '', bytes: 0 };
  for (const operation of operations) {
    const lines = toLines(operation);
    const bytes = Buffer.byteLength(lines);
    const full = bulk.operations.length >= maxOperations || bulk.bytes + bytes > maxBytes;
    if (bulk.operations.length === 0 || full) {
      bulk = { operations: [], body: '', bytes: 0 };
      bulks.push(bulk);
    }
    bulk.operations.push(operation);
    bulk.body += lines;
    bulk.bytes += bytes;
  }
  return bulks;
}

/**
 * 409: a newer version is there. 404: what was to be deleted is not there. Both are as wanted. 403 is an index that
 * takes no writes for now (the disk is full, or the index is being moved).
 */
function outcomeOf(status: number): Outcome {
  if (status < 300 || status === 409 || status === 404) return 'done';
  return isPassing(status) || status === 403 ? 'later' : 'refused';
}

/** Writes documents of rows, each judged alone. */
export class RowWriter {
  private prepared = false;

  constructor(private readonly client: Client) {}

  /** @returns what became of each operation; an outage puts all of a request off, and throws nothing */
  async write(operations: readonly Operation[]): Promise<Map<Operation, Outcome>> {
    const outcomes = new Map<Operation, Outcome>(operations.map((operation) => [operation, 'later']));
    try {
      await this.prepare();
      const missing = await this.missing(operations);
      for (const operation of missing) outcomes.set(operation, 'done');
      for (const bulk of toBulks(operations.filter((operation) => !missing.has(operation)))) {
        const results = await this.send(bulk);
        for (const [i, operation] of bulk.operations.entries()) outcomes.set(operation, results[i] ?? 'later');
      }
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
    return outcomes;
  }

  /** Puts the template once an instance; putting the same again changes nothing. */
  private async prepare(): Promise<void> {
    if (this.prepared) return;
    await this.client.indices.putIndexTemplate({ name: TEMPLATE, body: template });
    this.prepared = true;
  }

  /** Deletions in an index that isn't there: sent, they would create it. */
  private async missing(operations: readonly Operation[]): Promise<Set<Operation>> {
    const deletions = operations.filter(({ document }) => !document);
    const exists = new Map<string, boolean>();
    for (const index of new Set(deletions.map((deletion) => deletion.index))) {
      const { body } = await this.client.indices.exists({ index });
      exists.set(index, body);
    }
    return new Set(deletions.filter(({ index }) => exists.get(index) === false));
  }

  private async send({ body }: Bulk): Promise<Outcome[]> {
    const response = await this.client.transport.request({ method: 'POST', path: '/_bulk', bulkBody: body });
    const { items } = bulkSchema.parse(response.body);
    return items.map((item) => outcomeOf(('index' in item ? item.index : item.delete).status));
  }
}
