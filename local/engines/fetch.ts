import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fetchJavaEngines, javaStamp } from './fetch-java';
import { fetchedServer, fetchValkey, installedServer, VALKEY_STAMP } from './fetch-valkey';
import { ENGINES_DIR } from './paths';

/** Where the fetched engines are. */
export interface FetchedEngines {
  /** Holds a folder for each engine that runs on Java. */
  readonly javaHome: string;
  /** Path or name of Valkey's server. */
  readonly valkeyServer: string;
}

/**
 * Fetches the engines that are not there yet into `.engines/`, each into a folder named after what it was made from, so
 * that a later call with the same versions only looks.
 * @param log told what is being done, a line each
 * @throws Error naming what could not be fetched
 */
export async function fetchEngines(log: (line: string) => void): Promise<FetchedEngines> {
  const [javaHome, valkeyServer] = await Promise.all([
    javaStamp().then((stamp) => fetchOnce(`java-${stamp}`, (into) => fetchJavaEngines(into, log))),
    findValkey(log),
  ]);
  return { javaHome, valkeyServer };
}

async function findValkey(log: (line: string) => void): Promise<string> {
  try {
    const folder = await fetchOnce(`valkey-${VALKEY_STAMP}`, (into) => fetchValkey(into, log));
    return fetchedServer(folder) ?? 'valkey-server';
  } catch (error) {
    const installed = await installedServer();
    if (installed !== undefined) return installed;
    throw new Error(`Valkey could not be fetched, and no valkey-server 7 or later is on the PATH. ${messageOf(error)}`);
  }
}

/** Makes a folder of `.engines/` whole or not at all, also where two runs make it at a time. */
async function fetchOnce(name: string, make: (into: string) => Promise<void>): Promise<string> {
  const folder = join(ENGINES_DIR, name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    await make(unfinished);
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (require.main === module) {
  fetchEngines((line) => console.log(line)).catch((error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  });
}
