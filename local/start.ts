import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { selectEnvironment } from '../lib/environments';
import { PortInUse, type RunningApi, startApi } from './api';
import { Closing } from './closing';
import { control, untilIdle } from './control';
import { closeEngineConnections } from './engine-call';
import { type Engines, startEngines } from './engines';
import { Failures } from './failures';
import { Front, rootCredentials } from './front';
import { LocalFunctions } from './functions';
import { functionConfigurations } from './functions/configuration';
import { openLogs } from './logs';
import { LocalMeter } from './meter';
import { type Log, region, type Template } from './model';
import { createBuckets } from './resources/buckets';
import { applyCacheUsers } from './resources/cache';
import { mappings } from './resources/mappings';
import { Schedules } from './resources/schedules';
import { createStreams } from './resources/streams';
import { createTables } from './resources/tables';
import { Checkpoints } from './streams/checkpoints';
import type { Mapping } from './streams/mapping';
import { buildConsole, synthesize } from './synth';
import { type Assembly, readAssembly } from './template/assembly';
import { loadTemplate } from './template/load';

const root = join(__dirname, '..');

export interface StackOptions {
  /** of the HTTP and WebSocket APIs and the console; @default 0, a free one */
  port?: number;
  /** keeps data between runs; without it they start empty */
  dataDir?: string;
  /** shards of an on-demand stream; @default 2 */
  shards?: number;
  /** folder of a synthesized assembly; @default the project's own, synthesized when its sources have changed */
  assembly?: string;
  /** which environment's template runs; @default dev */
  environment?: string;
  /** `none` leaves the search domain out, as `-c search=none` does in a deployment */
  search?: 'none';
  /** prints the functions' logs; they are in files in any case */
  verbose?: boolean;
  /** what happens, step by step */
  progress?: (message: string) => void;
}

/** The whole system on this machine. */
export interface Stack {
  api: string;
  ws: string;
  console: string;
  /** the AWS endpoint in front of the engines, and `/_local/` */
  aws: string;
  /** keys for the AWS endpoint that may do everything */
  credentials: typeof rootCredentials;
  pid: number;
  template: Template;
  functions: LocalFunctions;
  meter: LocalMeter;
  mappings: readonly Mapping[];
  schedules: Schedules;
  failures: Failures;
  front: Front;
  engines: Engines;
  logs: string;
  mint: RunningApi['mint'];
  /** Waits until all that was put into the streams is processed. @returns false on timeout */
  idle(timeoutMs?: number): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * Starts the synthesized template on local engines and returns when everything answers.
 * @throws PortInUse, TemplateError, or what keeps an engine from starting; whatever had started is stopped again
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const port = await freePort(options.port ?? 0);
  const folder = join(options.dataDir ?? join(root, '.waystream'), 'logs', String(port));
  const logs = openLogs(folder, options.verbose ?? false);
  const closing = new Closing((message) => logs.log('stack', message));
  // Stacks on a port of the system's choice are those of tests: their logs go with them.
  if (!options.port) closing.add('log folder', () => rmSync(folder, { recursive: true, force: true }));
  closing.add('logs', () => logs.close());
  try {
    return await start({ ...options, port, logs: folder, log: logs.log, closing });
  } catch (error) {
    await closing.run();
    throw error;
  }
}

interface Surroundings extends StackOptions {
  port: number;
  logs: string;
  log: Log;
  closing: Closing;
}

async function start(options: Surroundings): Promise<Stack> {
  const { progress = () => undefined, closing, dataDir, log } = options;
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
  const { environment = 'dev', search } = options;
  const context = new Map<string, unknown>([['env', environment], ...(search ? [['search', search] as const] : [])]);
  // Known before the template is, so that the engines start while it is made.
  const withSearch = !options.assembly && selectEnvironment((key) => context.get(key)).search !== 'none';
  progress('Synthesizing the template and starting the engines');
  const starting = startEngines({
    ...(dataDir !== undefined && { dataDir }),
    search: withSearch,
    log: (line) => {
      progress(line);
      log('engines', line);
    },
  });
  closing.add('engines', () => starting.then((engines) => engines.stop()).catch(() => undefined));
  closing.add('engine connections', () => closeEngineConnections());
  const [folder, webRoot, engines] = await Promise.all([
    options.assembly ?? synthesize(environment, search),
    buildConsole(),
    starting,
  ]);
  progress('Making tables, streams and functions');
  const core = await startCore(readAssembly(folder), engines, options);
  progress('Opening the APIs');
  return open(core, { ...options, webRoot });
}

type Core = Awaited<ReturnType<typeof startCore>>;

/** The AWS endpoint, the resources and the functions. */
async function startCore(assembly: Assembly, engines: Engines, { port, shards = 2, log, closing }: Surroundings) {
  const meter = new LocalMeter();
  const late: { control?: ReturnType<typeof control> } = {};
  const front = new Front({ meter, log, control: async (...request) => (await late.control?.(...request)) ?? false });
  await front.start();
  closing.add('the AWS endpoint', () => front.stop());
  const { host, port: valkeyPort } = engines.valkey;
  const template = loadTemplate(assembly, { front: front.port, api: port, valkey: { host, port: valkeyPort } });
  front.setEngine('dynamodb', engines.dynamodb.url);
  front.setEngine('kinesis', engines.kinesis.url);
  front.setEngine('s3', engines.s3.url);
  if (engines.search) front.setEngine('es', engines.search.url);
  const configurations = functionConfigurations(template, assembly.assets, front.url);
  for (const { logicalId, roleArn, name, credentials } of configurations) {
    const arn = `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${name}`;
    front.addCaller({ name: logicalId, arn, accessKeyId: credentials.accessKeyId });
  }
  const functions = new LocalFunctions(configurations, template, meter, log);
  closing.add('functions', () => functions.close());
  const [users] = await Promise.all([
    applyCacheUsers({ host, port: valkeyPort }, template, log),
    createTables(engines.dynamodb.url, template),
    createStreams(engines.kinesis.url, template, shards),
    createBuckets(engines.s3.url, template),
  ]);
  closing.add('cache users', () => users.close());
  return { meter, front, template, functions, engines, late };
}

/** What sends events to the functions: mappings, schedules, and the APIs last. */
async function open(
  core: Core,
  { port, dataDir, logs, log, closing, webRoot }: Surroundings & { webRoot: string },
): Promise<Stack> {
  const { meter, front, template, functions, engines } = core;
  const checkpoints = new Checkpoints(dataDir);
  closing.add('checkpoints', () => checkpoints.close());
  const engine = (name: 'dynamodb' | 'kinesis' | 's3'): string => engines[name].url;
  const all = mappings({ template, functions, checkpoints, meter, log, engine });
  closing.add('mappings', () => Promise.all(all.map((mapping) => mapping.stop())));
  await Promise.all(all.map((mapping) => mapping.start()));
  const schedules = new Schedules(template, functions, log);
  closing.add('schedules', () => schedules.stop());
  schedules.start();
  const running = await startApi({
    port,
    resources: template.resources,
    functions,
    log,
    meter,
    webRoot,
    ...(dataDir !== undefined && { dataDir }),
  });
  closing.add('APIs', () => running.stop());
  front.setConnections(running.connections);
  const failures = new Failures(template, functions, storeClient(front.url));
  core.late.control = control({ functions, mappings: all, schedules, meter, failures, front, engines });
  const { api, ws, console: page, mint } = running;
  return {
    ...{ api, ws, console: page, aws: front.url, credentials: rootCredentials, pid: process.pid, logs },
    ...{ template, functions, meter, mappings: all, schedules, failures, front, engines },
    mint: (...request) => mint.apply(running, request),
    idle: (timeoutMs = 60_000) => untilIdle(all, timeoutMs),
    stop: () => closing.run(),
  };
}

/** A client of the object store, made when somebody asks for failures. */
function storeClient(endpoint: string) {
  return async () => {
    const { S3Client } = await import('@aws-sdk/client-s3');
    return new S3Client({ endpoint, region, credentials: rootCredentials, forcePathStyle: true });
  };
}

/** The port itself when it is free, or a free one for 0. @throws PortInUse */
function freePort(port: number): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUse(port) : error),
    );
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      const free = typeof address === 'object' && address ? address.port : port;
      probe.close(() => resolve(free));
    });
  });
}
