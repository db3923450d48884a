import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DataDirectory, takeDataDirectory } from './data-directory';
import { type Engine, type EngineSpec, startEngine } from './engine';
import { type FetchedEngines, fetchEngines } from './fetch';
import { freePorts } from './ports';
import { kinesisSpec, s3Spec, searchSpec } from './specs';
import { type TableEngine, tablesSpec } from './tables';
import { valkeySpec } from './valkey';

export type { Engine } from './engine';
export { fetchEngines } from './fetch';
export { TABLE_ENGINES, type TableEngine } from './tables';

/** What to start, and where. */
export interface EngineOptions {
  /** Keeps the data here between runs; without it they are temporary, in memory where the system has such a disk. */
  readonly dataDir?: string;
  /** What holds the tables; @default dynamodb-local */
  readonly tables?: TableEngine;
  /** Whether to start OpenSearch, the heaviest of them. */
  readonly search: boolean;
  /** The port that Valkey's cluster names to clients, for a proxy in front of it. Its own unless given. */
  readonly valkeyAnnouncePort?: number;
  /** Told what is fetched, and of an engine that ends by itself, a line each. */
  log(line: string): void;
}

/** Valkey's address in parts. */
export interface ValkeyEngine extends Engine {
  readonly host: string;
  readonly port: number;
}

/** The engines of one run. */
export interface Engines {
  readonly dynamodb: Engine;
  readonly kinesis: Engine;
  readonly search?: Engine;
  readonly valkey: ValkeyEngine;
  readonly s3: Engine;
  /** Every one that was started. */
  readonly all: readonly Engine[];
  /** Where their data (`engines/`) and logs (`logs/`) are. */
  readonly dataDir: string;
  /** Stops all of them; temporary data go as well. */
  stop(): Promise<void>;
}

/**
 * Fetches what is missing and starts the engines at the same time, on free ports of the loopback address. They end with
 * this process, however it ends.
 * @throws Error where one can't be fetched or does not start; the others are stopped before
 */
export async function startEngines(options: EngineOptions): Promise<Engines> {
  const fetched = await fetchEngines(options.log);
  const data = await takeDataDirectory(options.dataDir);
  const started: Engine[] = [];
  const stop = () => stopAll(started, data);
  try {
    const start = starter(data, started, options.log);
    return { ...(await startAll(options, fetched, data, start)), all: started, dataDir: data.path, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Start = (spec: EngineSpec) => Promise<Engine>;

function starter(data: DataDirectory, started: Engine[], log: (line: string) => void): Start {
  const logs = join(data.path, 'logs');
  mkdirSync(logs, { recursive: true });
  return async (spec) => {
    const engine = await startEngine(spec, { logFile: join(logs, `${spec.name}.log`), watchdog: data.watchdog, log });
    started.push(engine);
    return engine;
  };
}

async function startAll(options: EngineOptions, fetched: FetchedEngines, data: DataDirectory, start: Start) {
  const [dynamodbPort = 0, kinesisPort = 0, searchPort = 0, s3Port = 0, valkeyPort = 0, busPort = 0] =
    await freePorts(6);
  const directory = (name: string) => join(data.path, 'engines', name);
  const valkey = valkeySpec({
    server: fetched.valkeyServer,
    directory: directory('valkey'),
    port: valkeyPort,
    busPort,
    announcePort: options.valkeyAnnouncePort ?? valkeyPort,
    kept: data.kept,
  });
  const tables = tablesSpec(
    options.tables ?? 'dynamodb-local',
    { javaHome: fetched.javaHome, directory: directory('dynamodb'), port: dynamodbPort },
    options.log,
  );
  const starts = [
    start(tables),
    start(kinesisSpec(directory('kinesis'), kinesisPort)),
    start(s3Spec(fetched.javaHome, directory('s3'), s3Port)),
    start(valkey).then((engine) => Object.assign(engine, { host: '127.0.0.1', port: valkeyPort })),
    options.search ? start(searchSpec(fetched.javaHome, directory('search'), searchPort)) : undefined,
  ] as const;
  // Where one fails the others are waited for, so that what stops them knows them all.
  await Promise.allSettled(starts);
  const [dynamodb, kinesis, s3, valkeyEngine, search] = await Promise.all(starts);
  return { dynamodb, kinesis, s3, valkey: valkeyEngine, ...(search === undefined ? {} : { search }) };
}

async function stopAll(started: readonly Engine[], data: DataDirectory): Promise<void> {
  await Promise.all(started.map((engine) => engine.stop()));
  await data.watchdog.end();
}
