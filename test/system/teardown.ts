import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_MS = 20_000;

/** Stops every stack that this run has started, and waits until each has ended. */
export default async function teardown(): Promise<void> {
  const folder = process.env.WAYSTREAM_TEST_DIR;
  if (!folder) return;
  const pids = pidsOf(folder).filter(alive);
  for (const pid of pids) process.kill(pid, 'SIGTERM');
  const until = Date.now() + STOP_MS;
  while (pids.some(alive) && Date.now() < until) await sleep(100);
  for (const pid of pids.filter(alive)) process.kill(pid, 'SIGKILL');
  if (existsSync(folder)) rmSync(folder, { recursive: true });
}

/** Stacks that are ready, and those that were on their way there. */
function pidsOf(folder: string): number[] {
  const read = (ending: string) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => readFileSync(join(folder, name), 'utf8'));
  const ready = read('.json').map((text): number => JSON.parse(text).pid);
  return [...new Set([...ready, ...read('.pid').map(Number)])];
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
