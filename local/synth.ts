import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { exclusively } from './exclusive';

const root = join(__dirname, '..');
const home = join(root, '.waystream', 'assemblies');

/** What the template and the bundles are made of. */
const sources = [
  'bin',
  'lib',
  'lambdas',
  'scripts/bundle.ts',
  'scripts/left-out.ts',
  'cdk.json',
  'package-lock.json',
  'tsconfig.json',
];
/** What the console is made of. */
const consoleSources = [
  'web',
  'client/src',
  'lambdas/contract',
  'lambdas/geo',
  'data',
  'replay/datasets.ts',
  'scripts/build-web.ts',
  'package-lock.json',
];

/** Builds that are kept for stacks which still run from them. */
const kept = 6;

/**
 * Bundles the functions and makes the cloud assembly of an environment, as `cdk synth` does, unless it is there
 * from before and no source has changed since.
 * @param search as `-c search=…`
 * @returns its folder
 * @throws Error with the compiler's or the CDK's words
 */
export function synthesize(environment: string, search?: 'none'): Promise<string> {
  const variant = search === undefined ? environment : `${environment}-search-${search}`;
  return built(variant, sources, async (folder) => {
    await run('scripts/bundle.ts', []);
    const { context } = z
      .object({ context: z.record(z.string(), z.unknown()) })
      .parse(readJson(join(root, 'cdk.json')));
    // The console's files are served from their own build: the template need not carry them here.
    const chosen = { ...context, env: environment, web: join(folder, 'none'), ...(search && { search }) };
    await run('bin/app.ts', [], { CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(chosen) });
  });
}

/** Builds the console for the browser, unless it is there from before. @returns its folder */
export const buildConsole = (): Promise<string> =>
  built('console', consoleSources, (folder) => run('scripts/build-web.ts', [folder]));

/** A folder made from sources by `make`, or the one made from the very same sources before. */
async function built(name: string, from: readonly string[], make: (folder: string) => Promise<void>): Promise<string> {
  const hash = createHash('sha256');
  for (const source of from) addTo(hash, join(root, source));
  const folder = join(home, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  // Builds of one checkout share the bundles' folder.
  await exclusively(join(root, '.waystream', 'build.lock'), async () => {
    // Another start may have been quicker: then its build is as good.
    if (existsSync(folder)) return;
    const temporary = `${folder}.${process.pid}`;
    await make(temporary);
    renameSync(temporary, folder);
    dropOld();
  });
  return folder;
}

function addTo(hash: ReturnType<typeof createHash>, path: string): void {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) addTo(hash, join(path, name));
    return;
  }
  hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
}

function run(script: string, args: string[], environment: Record<string, string> = {}): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
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
