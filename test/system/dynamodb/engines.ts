import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { callEngine } from '../../../local/engine-call';
import { type Engine, startEngine } from '../../../local/engines/engine';
import { fetchEngines } from '../../../local/engines/fetch';
import { freePorts } from '../../../local/engines/ports';
import { type TableEngine, tablesSpec } from '../../../local/engines/tables';
import { Watchdog } from '../../../local/engines/watchdog';

type Json = Record<string, unknown>;

/** An engine of the tables that runs alone, without the stack around it. */
export interface TablesAlone {
  readonly engine: Engine;
  /** Calls an operation of DynamoDB. @throws EngineError where it refuses */
  call(action: string, body: Json): Promise<Json>;
  /** Calls an operation of DynamoDB Streams. @throws EngineError where it refuses */
  streams(action: string, body: Json): Promise<Json>;
  stop(): Promise<void>;
}

const anything = z.record(z.string(), z.unknown());

/** Starts the engine in a temporary directory. @throws Error where another engine would start in its place */
export async function startTables(name: TableEngine): Promise<TablesAlone> {
  const directory = mkdtempSync(join(tmpdir(), 'waystream-tables-'));
  const watchdog = new Watchdog(join(directory, 'lock'), directory);
  const { javaHome } = await fetchEngines(() => undefined);
  const [port = 0] = await freePorts(1);
  const data = join(directory, 'data');
  mkdirSync(data);
  const spec = tablesSpec(name, { javaHome, directory: data, port }, (line) => {
    throw new Error(line);
  });
  const engine = await startEngine(spec, { logFile: join(directory, 'log'), watchdog, log: () => undefined });
  return {
    engine,
    call: (action, body) => callEngine(engine.url, 'dynamodb', action, body, anything),
    streams: (action, body) => callEngine(engine.url, 'streams', action, body, anything),
    stop: async () => {
      await engine.stop();
      await watchdog.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A table with a sort key, a global and a local index, and a stream of both images. */
export function tableOf(TableName: string): Json {
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
  return {
    TableName,
    AttributeDefinitions: ['p', 's', 'g', 'l'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys('p', 's'),
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [{ IndexName: 'byG', KeySchema: keys('g', 's'), Projection: { ProjectionType: 'ALL' } }],
    LocalSecondaryIndexes: [
      { IndexName: 'byL', KeySchema: keys('p', 'l'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  };
}

/** Every record of a table's stream, in order. */
export async function recordsOf({ call, streams }: TablesAlone, TableName: string): Promise<Json[]> {
  const { Table } = z
    .object({ Table: z.object({ LatestStreamArn: z.string() }) })
    .parse(await call('DescribeTable', { TableName }));
  const StreamArn = Table.LatestStreamArn;
  const { StreamDescription } = z
    .object({ StreamDescription: z.object({ Shards: z.array(z.object({ ShardId: z.string() })) }) })
    .parse(await streams('DescribeStream', { StreamArn }));
  const all: Json[] = [];
  for (const { ShardId } of StreamDescription.Shards) {
    let next: string | null | undefined = String(
      (await streams('GetShardIterator', { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' })).ShardIterator,
    );
    while (next) {
      const page = z
        .object({ Records: z.array(anything), NextShardIterator: z.string().nullish() })
        .parse(await streams('GetRecords', { ShardIterator: next, Limit: 1000 }));
      if (page.Records.length === 0) break;
      all.push(...page.Records);
      next = page.NextShardIterator;
    }
  }
  return all;
}
