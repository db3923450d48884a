import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { selectEnvironment } from '../lib/environments';
import { PortInUse, type RunningApi, startApi } from './api';
import { Closing } from './closing';
import { control, untilIdle } from './control';
import { type Core, startCore } from './core';
import { closeEngineConnections } from './engine-call';
import { type Engines, startEngines } from './engines';
import { holdPort } from './engines/ports';
import { Failures } from './failures';
import type { Front } from './front';
import { ofGate } from './front/faults';
import type { LocalFunctions } from './functions';
import { openLogs } from './logs';
import type { LocalMeter } from './meter';
import { region, rootCredentials, type Template } from './model';
import type { StackOptions, Surroundings } from './options';
import { EventRules } from './resources/events';
import { mappings } from './resources/mappings';
import { Schedules } from './resources/schedules';
import { Bells } from './streams/bell';
import { Checkpoints } from './streams/checkpoints';
import type { Mapping } from './streams/mapping';
import { buildConsole, synthesize } from './synth';
import { readAssembly } from './template/assembly';

const root = join(__dirname, '..');

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
  const held = await holdPort(options.port ?? 0);
  if (!held) throw new PortInUse(options.port ?? 0);
  const { port } = held;
  const folder = options.logs ?? join(options.dataDir ?? join(root, '.waystream'), 'logs', String(port));
  const logs = openLogs(folder, options.verbose ?? false);
  const closing = new Closing((message) => logs.log('stack', message));
  // Stacks on a port of the system's choice are those of tests: their logs go with them.
  if (!options.port && options.logs === undefined)
    closing.add('log folder', () => rmSync(folder, { recursive: true, force: true }));
  closing.add('logs', () => logs.close());
  closing.add('port', held.release);
  try {
    return await start({ ...options, port, releasePort: held.release, logs: folder, log: logs.log, closing });
  } catch (error) {
    await closing.run();
    throw error;
  }
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
    ...(options.tables !== undefined && { tables: options.tables }),
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

/** What sends events to the functions: mappings, schedules, and the APIs last. */
async function open(
  core: Core,
  { port, releasePort, dataDir, logs, log, closing, webRoot }: Surroundings & { webRoot: string },
): Promise<Stack> {
  const { meter, front, template, functions, engines } = core;
  const checkpoints = new Checkpoints(dataDir);
  closing.add('checkpoints', () => checkpoints.close());
  const engine = (name: 'dynamodb' | 'kinesis' | 's3'): string => engines[name].url;
  const hold = front.faults.strikePoll.bind(front.faults);
  const bells = new Bells();
  front.setWritten((service, body) => bells.named(service, body));
  const all = mappings({ bells, template, functions, checkpoints, meter, log, engine, hold, may: core.may });
  closing.add('mappings', () => Promise.all(all.map((mapping) => mapping.stop())));
  await Promise.all(all.map((mapping) => mapping.start()));
  front.setEvents(new EventRules(template, functions, log));
  const schedules = new Schedules(template, functions, log);
  closing.add('schedules', () => schedules.stop());
  schedules.start();
  await releasePort();
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
  core.late.control = control({
    functions,
    mappings: all,
    schedules,
    meter,
    failures,
    front,
    engines,
    roles: core.roles,
    api: running,
    strikeCache: (fault) => {
      for (const gate of core.gates.all.values()) gate.fault = ofGate(fault);
    },
  });
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
