// What a run of whole-stack tests has started, by the files in its folder.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_MS = 20_000;

/**
 * Stops every stack that was started from a run's folder, waits until each has ended, and removes the folder.
 * @param {string} folder
 */
export async function stopStacks(folder) {
  if (!existsSync(folder)) return;
  const pids = pidsOf(folder).filter(alive);
  for (const pid of pids) process.kill(pid, 'SIGTERM');
  const until = Date.now() + STOP_MS;
  while (pids.some(alive) && Date.now() < until) await sleep(100);
  for (const pid of pids.filter(alive)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** Stacks that are ready, and those that were on their way there. */
function pidsOf(folder) {
  const read = (ending) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => readFileSync(join(folder, name), 'utf8'));
  const ready = read('.json').map((text) => JSON.parse(text).pid);
  return [...new Set([...ready, ...read('.pid').map(Number)])];
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
