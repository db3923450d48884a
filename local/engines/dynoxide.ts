import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { EngineSpec } from './engine';
import { httpStatus } from './probe';

/** Its package is for Linux on x64 only, so it is an optional dependency. */
const PACKAGE = '@dynoxide/linux-x64/package.json';

/** The file of the tables in its data directory. */
export const DYNOXIDE_DATABASE = 'dynoxide.db';

/** dynoxide as installed. */
export interface Dynoxide {
  readonly command: string;
  /** An empty database with indexes on the stream records; without them a write takes longer the more there are. */
  readonly template: string;
}

/** @returns undefined where its package is not installed, as on other systems than Linux on x64 */
export function installedDynoxide(): Dynoxide | undefined {
  try {
    const manifest = require.resolve(PACKAGE);
    const { version } = z.object({ version: z.string() }).parse(require(manifest));
    const template = join(__dirname, 'dynoxide', `${version}.db`);
    return { command: join(dirname(manifest), 'dynoxide'), template };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** dynoxide, DynamoDB's API on SQLite; a fresh directory starts from the database with indexes on its streams. */
export function dynoxideSpec({ command, template }: Dynoxide, directory: string, port: number): EngineSpec {
  mkdirSync(directory, { recursive: true });
  const database = join(directory, DYNOXIDE_DATABASE);
  if (!existsSync(database)) copyFileSync(template, database);
  const url = `http://127.0.0.1:${port}`;
  const args = ['--host', '127.0.0.1', '-p', String(port), '--db-path', database];
  return { name: 'dynamodb', url, command, args, cwd: directory, ready: async () => (await httpStatus(url)) > 0 };
}
