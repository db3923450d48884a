import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isAlive } from './exclusive';

/** Where `npm run token` and `npm run local` find the stack that `npm start` runs. */
export const STATE_FILE = join(__dirname, '..', '.waystream', 'ready.json');

const stateSchema = z.object({ aws: z.string(), logs: z.string(), pid: z.int() });
/** Addresses of a running stack and its process. */
export type State = z.infer<typeof stateSchema>;

/** @returns the stack that runs; undefined for none, and where one that was killed has left the file behind */
export function readState(file = STATE_FILE): State | undefined {
  if (!existsSync(file)) return undefined;
  const state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return isAlive(state.pid) ? state : undefined;
}

export function writeState(state: State & Record<string, unknown>, file = STATE_FILE): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(state)}\n`);
}

/** Removes the file where it is about this stack; another one's is left alone. */
export function removeState(pid: number, file = STATE_FILE): void {
  if (readState(file)?.pid === pid) rmSync(file, { force: true });
}
