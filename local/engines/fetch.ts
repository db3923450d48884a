import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ENGINES_DIR } from './paths';
import { preparedStamp, prepareEngines } from './prepare';
import { run } from './run';

/** Where the fetched engines are. */
export interface FetchedEngines {
  /** Holds a folder for each engine that runs on Java. */
  readonly javaHome: string;
  /** Path or name of Valkey's server. */
  readonly valkeyServer: string;
}

const downloads = z.object({ libraries: z.string(), valkeyServer: z.string() });

/**
 * Downloads and prepares the engines that are not there yet, in `.engines/`, in folders named after what they were made
 * from, so that a later call with the same versions only looks.
 * @param log told what is being done, a line each
 * @throws Error naming what could not be fetched
 */
export async function fetchEngines(log: (line: string) => void): Promise<FetchedEngines> {
  const [downloaded, stamp] = await Promise.all([
    run(process.execPath, [join(__dirname, 'download.mjs')], { log }),
    preparedStamp(),
  ]);
  const { libraries, valkeyServer } = downloads.parse(JSON.parse(downloaded));
  const javaHome = join(ENGINES_DIR, `java-${stamp}`);
  if (!existsSync(javaHome)) {
    log('preparing DynamoDB Local, OpenSearch and S3Mock…');
    await prepareInto(javaHome, libraries);
  }
  return { javaHome, valkeyServer };
}

/** Makes the folder whole or not at all, also where two runs make it at a time. */
async function prepareInto(folder: string, libraries: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}.part`;
  mkdirSync(unfinished, { recursive: true });
  try {
    await prepareEngines(unfinished, libraries);
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

if (require.main === module) {
  fetchEngines((line) => console.error(line)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
