import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { type Engine, startEngine } from '../../local/engines/engine';
import { fetchEngines } from '../../local/engines/fetch';
import { freePorts } from '../../local/engines/ports';
import { Watchdog } from '../../local/engines/watchdog';
import { StackClient, startedStack } from '../../test/system/stack';
import { partsOf } from '../parts';
import { cpuOfThreads, cpuOfTree } from '../processes';
import { bytesOf, startPostGis } from './postgis';

/** A system that takes positions and answers the same four questions about them. */
export interface Side {
  name: string;
  api: string;
  /** of someone who may report for all and read all */
  token: string;
  /** Resolves when everything accepted is where it is read from. */
  settled(): Promise<void>;
  /** CPU seconds so far, by part. */
  cpu(): Record<string, number>;
  /** Bytes on disk, by part. */
  bytes(): Record<string, number>;
  stop(): Promise<void>;
}

/** The local stack, as `npm start` runs it, keeping its data in a folder. */
export async function waystream(folder: string): Promise<Side> {
  const data = join(folder, 'waystream');
  const place = await startedStack('beside', ['--data', data]);
  const client = new StackClient(place);
  return {
    name: 'Waystream’s local stack',
    api: place.api,
    token: await client.token('beside', 'feeder', 'operator'),
    settled: () => client.settled(600_000),
    cpu: () => {
      const { main, others } = cpuOfThreads(place.pid);
      const engines = partsOf(place.pid).filter(({ pid }) => pid !== place.pid);
      const parts = engines.map(({ name, cpuMs }) => [name, cpuMs / 1_000] as const);
      return { 'endpoint, gateways, mappings': main, functions: others, ...Object.fromEntries(parts) };
    },
    bytes: () => {
      const parts = ['dynamodb', 'search', 'kinesis', 'valkey', 's3'];
      return Object.fromEntries(parts.map((part) => [part, bytesOf(join(data, 'engines', part))]));
    },
    // The stack ends with the run.
    stop: async () => undefined,
  };
}

/** A Fastify server over Valkey and PostGIS. */
export async function fastify(folder: string): Promise<Side> {
  const watchdog = new Watchdog(join(folder, 'beside.lock'), undefined);
  const postgres = await startPostGis(folder, watchdog);
  const valkey = await startValkey(folder, watchdog);
  const [port = 0] = await freePorts(1);
  const secret = randomBytes(32).toString('hex');
  const variables = {
    POSTGRES_URL: postgres.url,
    VALKEY_PORT: String(valkey.port),
    PORT: String(port),
    SECRET: secret,
  };
  const server = fork(join(__dirname, 'server.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...variables },
  });
  await once(server, 'message', { signal: AbortSignal.timeout(60_000) });
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
  const pidOf = (process: Engine | ChildProcess): number => process.pid ?? 0;
  return {
    name: 'Fastify, Valkey and PostGIS',
    api: `http://127.0.0.1:${port}`,
    token,
    settled: async () => undefined,
    cpu: () => ({
      Fastify: cpuOfTree(pidOf(server)),
      PostgreSQL: cpuOfTree(pidOf(postgres.engine)),
      Valkey: cpuOfTree(pidOf(valkey.engine)),
    }),
    bytes: () => ({
      'tables and indexes': bytesOf(join(postgres.folder, 'base')),
      'write-ahead log': bytesOf(join(postgres.folder, 'pg_wal')),
      valkey: bytesOf(join(folder, 'valkey')),
    }),
    stop: async () => {
      server.disconnect();
      await Promise.all([postgres.engine.stop(), valkey.engine.stop()]);
      await watchdog.end();
    },
  };
}

async function startValkey(folder: string, watchdog: Watchdog): Promise<{ engine: Engine; port: number }> {
  const { valkeyServer: command } = await fetchEngines((line) => console.error(line));
  const cwd = join(folder, 'valkey');
  mkdirSync(cwd);
  const [port = 0] = await freePorts(1);
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', cwd, '--save', '', '--appendonly', 'yes'];
  const spec = { name: 'valkey', url: `redis://127.0.0.1:${port}`, command, args, cwd, ready: () => accepts(port) };
  const engine = await startEngine(spec, {
    logFile: join(folder, 'valkey.log'),
    watchdog,
    log: (line) => console.error(line),
  });
  return { engine, port };
}

/** Whether something listens at a port of this machine. */
async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
