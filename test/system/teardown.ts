import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_MS = 20_000;

/** Stops every stack that this run has started, and waits until each has taken its ready file away. */
export default async function teardown(): Promise<void> {
  const folder = process.env.WAYSTREAM_TEST_DIR;
  if (!folder) return;
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));
  const pids = files.map((file): number => JSON.parse(readFileSync(file, 'utf8')).pid);
  for (const pid of pids) process.kill(pid, 'SIGTERM');
  const until = Date.now() + STOP_MS;
  while (pids.some(alive) && Date.now() < until) await sleep(100);
  for (const pid of pids.filter(alive)) process.kill(pid, 'SIGKILL');
  if (existsSync(folder)) rmSync(folder, { recursive: true });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
