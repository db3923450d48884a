import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;

/**
 * Does something that no other process of this machine does at the same time, waiting for those that do. A lock whose
 * owner has ended without removing it is taken over.
 * @param lock path of a file that names the process at work
 */
export async function exclusively<T>(lock: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(lock), { recursive: true });
  while (!taken(lock)) await sleep(LOOK_MS);
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A lock appears with its content: it names its owner from the start. */
function taken(lock: string): boolean {
  const own = `${lock}.${process.pid}.${claims++}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, lock);
    return true;
  } catch {
    dropOrphan(lock, own);
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

let claims = 0;

/** Renaming it first makes sure that of two processes that find it only one removes it, and none a new one. */
function dropOrphan(lock: string, own: string): void {
  try {
    if (isAlive(Number(readFileSync(lock, 'utf8')))) return;
    const orphan = `${own}.orphan`;
    renameSync(lock, orphan);
    // Somebody else was quicker, and this is the lock of a process that works: it is put back.
    if (isAlive(Number(readFileSync(orphan, 'utf8')))) linkSync(orphan, lock);
    rmSync(orphan);
  } catch {
    // It has just been removed.
  }
}

/** Whether a process of this id runs. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It runs, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
