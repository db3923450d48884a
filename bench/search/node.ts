import { Client } from '@opensearch-project/opensearch';
import { z } from 'zod';
import type { TrackRow } from '../../lambdas/contract/track-row';
import { partitionOf, toEntries } from '../../lambdas/search/documents';
import { type Operation, RowWriter } from '../../lambdas/search/row-writer';
import { type Engines, startEngines } from '../../local/engines';
import { cpuOfTree } from '../processes';
import type { Recording } from './sets';

/** What one way of indexing took. */
export interface Cost {
  /** Documents sent, and those that the index then holds. */
  sent: number;
  held: number;
  /** Bytes sent, and on disk once merged to one segment. */
  sentBytes: number;
  diskBytes: number;
  /** CPU seconds of the node, its refreshes and merges with it. */
  cpuSeconds: number;
}

const AT_ONCE = 1_000;

const statsSchema = z.object({
  _all: z.object({
    primaries: z.object({
      docs: z.object({ count: z.number() }),
      store: z.object({ size_in_bytes: z.number() }),
    }),
  }),
});

/** A document for each point, in an index a partition, as a service would have it that indexes what it gets. */
const pointTemplate = {
  index_patterns: ['points-*'],
  template: {
    settings: { number_of_shards: 1, number_of_replicas: 0 },
    mappings: {
      dynamic: 'strict' as const,
      properties: {
        device: { type: 'keyword' as const },
        task: { type: 'keyword' as const },
        time: { type: 'date' as const, format: 'epoch_millis' },
        location: { type: 'geo_point' as const },
        accuracy: { type: 'float' as const },
        speed: { type: 'float' as const },
        heading: { type: 'float' as const },
        altitude: { type: 'float' as const },
        attributes: { type: 'object' as const, enabled: false },
      },
    },
  },
};

/** One OpenSearch node, indexed in both ways. */
export class Node {
  private readonly writer: RowWriter;

  private constructor(
    private readonly engines: Engines,
    readonly client: Client,
  ) {
    this.writer = new RowWriter(client);
  }

  static async start(): Promise<Node> {
    const engines = await startEngines({ search: true, log: (line) => console.error(`… ${line}`) });
    const client = new Client({ node: engines.search?.url ?? '', requestTimeout: 120_000, maxRetries: 0 });
    await client.indices.putIndexTemplate({ name: 'points', body: pointTemplate });
    return new Node(engines, client);
  }

  /** As the product does: rows by their versions, older ones never in place of newer. */
  indexRows(versions: Iterable<TrackRow>): Promise<Cost> {
    return this.measured('positions-*', async (sent) => {
      let operations: Operation[] = [];
      const send = async (): Promise<void> => {
        const outcomes = await this.writer.write(operations);
        const failed = [...outcomes.values()].filter((outcome) => outcome !== 'done');
        if (failed.length > 0) throw new Error(`${failed.length} rows were not indexed`);
        for (const operation of operations) sent(JSON.stringify(operation.document));
        operations = [];
      };
      for (const row of versions) {
        operations.push(...toEntries(row));
        if (operations.length >= AT_ONCE) await send();
      }
      if (operations.length > 0) await send();
    });
  }

  /** One document a point, known by device, task and time, so that a repeat changes nothing. */
  indexPoints(recording: Recording): Promise<Cost> {
    return this.measured('points-*', async (sent) => {
      for (let start = 0; start < recording.length; start += AT_ONCE) {
        const lines = recording.slice(start, start + AT_ONCE).flatMap((point) => {
          const { lat, lon, ...rest } = point;
          const index = partitionOf(point).index.replace('positions', 'points');
          const document = JSON.stringify({ ...rest, location: [lon, lat] });
          sent(document);
          return [
            JSON.stringify({ index: { _index: index, _id: `${point.device}#${point.task}#${point.time}` } }),
            document,
          ];
        });
        const bulkBody = `${lines.join('\n')}\n`;
        const { body } = await this.client.transport.request({ method: 'POST', path: '/_bulk', bulkBody });
        if (z.object({ errors: z.boolean() }).parse(body).errors) throw new Error('Points were not indexed');
      }
    });
  }

  async clear(): Promise<void> {
    await this.client.indices.delete({ index: 'positions-*,points-*', ignore_unavailable: true });
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.engines.stop();
  }

  private async measured(indices: string, write: (sent: (document: string) => void) => Promise<void>): Promise<Cost> {
    const pid = this.engines.search?.pid ?? 0;
    const before = cpuOfTree(pid);
    let [sent, sentBytes] = [0, 0];
    await write((document) => {
      sent += 1;
      sentBytes += Buffer.byteLength(document);
    });
    await this.client.indices.forcemerge({ index: indices, max_num_segments: 1 });
    await this.client.indices.refresh({ index: indices });
    await this.client.indices.flush({ index: indices });
    const cpuSeconds = cpuOfTree(pid) - before;
    const { body } = await this.client.indices.stats({ index: indices });
    const { docs, store } = statsSchema.parse(body)._all.primaries;
    return { sent, held: docs.count, sentBytes, diskBytes: store.size_in_bytes, cpuSeconds };
  }
}
