import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Grant } from './scene';

/** Of each function, the digest of its statements as they were when each of them was last taken away in turn. */
const file = join(__dirname, 'proved.json');

/** @returns a digest of what a function is granted, the same on every machine */
export function digestOf(grants: readonly Grant[]): string {
  const lines = grants.map(({ policy, index, action, resource }) => `${policy}/${index} ${action} ${resource}`);
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 16);
}

function read(): Record<string, string> {
  return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Whether each statement of a function has been proved as it is now. */
export function isProved(name: string, grants: readonly Grant[]): boolean {
  return read()[name] === digestOf(grants);
}

/** Notes that each statement of a function is proved as it is now. */
export function noteProved(name: string, grants: readonly Grant[]): void {
  const noted = Object.entries({ ...read(), [name]: digestOf(grants) }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(noted), undefined, 2)}\n`);
}
