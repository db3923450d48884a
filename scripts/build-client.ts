import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const client = join(__dirname, '..', 'client');

const shared = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
} as const;

/** What browsers and React Native load: a platform without Node's modules, so that taking one in is an error. */
const portable = (outfile: string) =>
  build({ ...shared, entryPoints: [join(client, 'src/index.ts')], outfile, platform: 'neutral' });

const forNode = (outfile: string) =>
  build({ ...shared, entryPoints: [join(client, 'src/node.ts')], outfile, platform: 'node' });

/** Types of a module name their files in full: not every consumer's resolution looks for endings. */
function nameEndings(folder: string): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(join(folder, file), 'utf8');
    writeFileSync(join(folder, file), text.replaceAll(/(from |import\()'(\.\/[\w-]+)'/g, "$1'$2.js'"));
  }
}

function types(outDir: string): void {
  const tsc = join(__dirname, '..', 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', client, '--outDir', outDir], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The client’s types could not be made.');
  nameEndings(outDir);
}

/** Builds the client's package into its `dist`, or the folder named. */
async function main(out = join(client, 'dist')): Promise<void> {
  if (existsSync(out)) rmSync(out, { recursive: true });
  await Promise.all([portable(join(out, 'index.js')), forNode(join(out, 'node.js'))]);
  types(out);
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
