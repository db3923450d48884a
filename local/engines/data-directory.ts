import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Watchdog } from './watchdog';

const MEMORY_DISK = '/dev/shm';
// A container's default of 64 MB is too small for a search index.
const ENOUGH_BYTES = 2 * 1024 ** 3;
// The watchdog of a run that was killed gives its engines five seconds.
const LOCK_WAIT_MS = 7_000;

/** Where the engines of one run keep their data and their logs. */
export interface DataDirectory {
  readonly path: string;
  /** Whether the data outlives the run. */
  readonly kept: boolean;
  readonly watchdog: Watchdog;
}

/**
 * Takes a directory for one run: the given one, or a temporary one (in memory where the system has such a disk, which
 * makes DynamoDB Local several times as fast) that goes with the run.
 * @throws Error where another run uses the given directory
 */
export async function takeDataDirectory(given: string | undefined): Promise<DataDirectory> {
  const path = given === undefined ? mkdtempSync(join(temporaryRoot(), 'waystream-')) : resolve(given);
  mkdirSync(path, { recursive: true });
  const lock = join(path, 'engines.lock');
  await waitForLock(path, lock);
  const file = openSync(lock, 'wx');
  const watchdog = new Watchdog(lock, given === undefined ? path : undefined);
  writeSync(file, `${watchdog.pid} ${process.pid}`);
  closeSync(file);
  return { path, kept: given !== undefined, watchdog };
}

function temporaryRoot(): string {
  if (!existsSync(MEMORY_DISK)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY_DISK);
  return bavail * bsize >= ENOUGH_BYTES ? MEMORY_DISK : tmpdir();
}

/** A lock goes with its watchdog, which outlives a run that was killed for as long as its engines take to end. */
async function waitForLock(path: string, lock: string): Promise<void> {
  const until = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    const [watchdog, run] = holders(lock);
    if (watchdog === undefined || !lives(watchdog)) break;
    if ((run !== undefined && lives(run)) || Date.now() > until) {
      throw new Error(`another run uses ${path}; stop it, or remove ${lock} if there is none`);
    }
    await sleep(100);
  }
  rmSync(lock, { force: true });
}

function holders(lock: string): number[] {
  try {
    return readFileSync(lock, 'utf8').split(' ').map(Number);
  } catch {
    return [];
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
