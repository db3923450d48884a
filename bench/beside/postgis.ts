import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Engine, startEngine } from '../../local/engines/engine';
import { ENGINES_DIR } from '../../local/engines/paths';
import { freePorts } from '../../local/engines/ports';
import { run } from '../../local/engines/run';
import type { Watchdog } from '../../local/engines/watchdog';

const VERSION = 15;
const PACKAGES = [`postgresql-${VERSION}`, `postgresql-${VERSION}-postgis-3`];
const DATABASE = 'bench';
/** `nobody`: PostgreSQL refuses to run as root. */
const USER = 65_534;

/** What a careful team sets on a small machine; everything that makes a commit durable stays as it comes. */
const SETTINGS = { shared_buffers: '1GB', max_wal_size: '4GB', max_connections: '40', listen_addresses: '127.0.0.1' };

/** A running PostgreSQL with PostGIS. */
export interface PostGis {
  engine: Engine;
  /** for clients */
  url: string;
  /** the cluster's folder */
  folder: string;
}

/**
 * Fetches Debian's packages of PostgreSQL and PostGIS, and what they depend on, without installing them.
 * @returns the folder of the packages
 * @throws Error on a system without apt, or whose packages have another version
 */
async function fetchPackages(): Promise<string> {
  const folder = join(ENGINES_DIR, 'postgis-packages');
  if (existsSync(join(folder, 'lock'))) return folder;
  mkdirSync(join(folder, 'partial'), { recursive: true });
  const options = ['--yes', '--quiet', '--download-only', '--no-install-recommends', '--reinstall'];
  const cache = ['-o', `Dir::Cache::archives=${folder}`];
  console.error('… fetching PostgreSQL and PostGIS from Debian (57 MB)');
  await run('apt-get', ['install', ...options, ...cache, ...PACKAGES]);
  return folder;
}

/** Unpacks the packages into a folder of this run, which PostgreSQL's own user can read. */
async function unpack(packages: string, into: string): Promise<void> {
  for (const name of readdirSync(packages).filter((each) => each.endsWith('.deb'))) {
    await run('dpkg-deb', ['--extract', join(packages, name), into]);
  }
  const extensions = join(into, 'usr/share/postgresql', String(VERSION), 'extension');
  // Debian names it by a link that only an installation makes.
  cpSync(join(extensions, 'postgis-3.control'), join(extensions, 'postgis.control'));
}

/** How to call one of its programs: with its own libraries, and never as root. */
function program(root: string, name: string): string[] {
  const triplet = readdirSync(join(root, 'usr/lib')).find((each) => each.endsWith('-linux-gnu')) ?? '';
  const environment = [
    `LD_LIBRARY_PATH=${join(root, 'usr/lib', triplet)}`,
    `PROJ_DATA=${join(root, 'usr/share/proj')}`,
  ];
  const asNobody = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];
  const binary = join(root, 'usr/lib/postgresql', String(VERSION), 'bin', name);
  return [...(process.getuid?.() === 0 ? asNobody : []), 'env', ...environment, binary];
}

/**
 * Starts PostgreSQL with PostGIS on a free port of the loopback address, with the settings above.
 * @param folder of this run; its data and programs lie in it
 */
export async function startPostGis(folder: string, watchdog: Watchdog): Promise<PostGis> {
  const root = join(folder, 'postgis');
  const data = join(folder, 'postgres');
  await unpack(await fetchPackages(), root);
  mkdirSync(data);
  chmodSync(folder, 0o755);
  if (process.getuid?.() === 0) chownSync(data, USER, USER);
  const cluster = join(data, 'cluster');
  const [initdb = '', ...initArgs] = program(root, 'initdb');
  await run(initdb, [...initArgs, '-D', cluster, '-U', DATABASE, '-A', 'trust', '-E', 'UTF8', '--locale=C'], {
    cwd: data,
  });
  const [port = 0] = await freePorts(1);
  const url = `postgres://${DATABASE}@127.0.0.1:${port}/postgres`;
  const [command = '', ...args] = program(root, 'postgres');
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: '' }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const engine = await startEngine(
    {
      name: 'postgres',
      url,
      command,
      args: [...args, '-D', cluster, '-p', String(port), ...settings],
      cwd: data,
      ready: () => answers(url),
    },
    { logFile: join(folder, 'postgres.log'), watchdog, log: (line) => console.error(line) },
  );
  return { engine, url, folder: cluster };
}

async function answers(url: string): Promise<boolean> {
  const client = new Client(url);
  try {
    await client.connect();
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Bytes that a folder takes on disk. */
export function bytesOf(folder: string): number {
  const { stdout } = spawnSync('du', ['--summarize', '--block-size=1', folder], { encoding: 'utf8' });
  return Number(stdout.split('\t')[0] ?? 0);
}
