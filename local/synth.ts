import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(__dirname, '..');
const home = join(root, '.waystream', 'assemblies');

/** What the template and the bundles are made of. */
const sources = ['bin', 'lib', 'lambdas', 'scripts/bundle.ts', 'cdk.json', 'package-lock.json', 'tsconfig.json'];

/** Assemblies that are kept for stacks which still run from them. */
const kept = 4;

/**
 * Bundles the functions and makes the cloud assembly of an environment, as `cdk synth` does, unless it is there
 * from before and no source has changed since.
 * @param search as `-c search=…`
 * @returns its folder
 * @throws Error with the compiler's or the CDK's words
 */
export async function synthesize(environment: string, search?: 'none'): Promise<string> {
  const folder = folderOf(search === undefined ? environment : `${environment}-search-${search}`);
  if (existsSync(folder)) return folder;
  await run('scripts/bundle.ts', {});
  const temporary = `${folder}.${process.pid}`;
  const { context } = z.object({ context: z.record(z.string(), z.unknown()) }).parse(readJson(join(root, 'cdk.json')));
  await run('bin/app.ts', {
    CDK_OUTDIR: temporary,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, env: environment, ...(search && { search }) }),
  });
  // Another start may have been quicker: then its assembly is as good.
  if (existsSync(folder)) rmSync(temporary, { recursive: true });
  else renameSync(temporary, folder);
  dropOld();
  return folder;
}

function folderOf(variant: string): string {
  const hash = createHash('sha256');
  for (const source of sources) addTo(hash, join(root, source));
  return join(home, `${variant}-${hash.digest('hex').slice(0, 16)}`);
}

function addTo(hash: ReturnType<typeof createHash>, path: string): void {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) addTo(hash, join(path, name));
    return;
  }
  hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
}

function run(script: string, environment: Record<string, string>): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-8_000);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${script} failed:\n${said.trim()}`))));
  });
}

function dropOld(): void {
  const folders = readdirSync(home).map((name) => join(home, name));
  const newestFirst = folders.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of newestFirst.slice(kept)) rmSync(old, { recursive: true, force: true });
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
