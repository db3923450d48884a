import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { leftOut, onlyUsedZod } from './left-out';

const source = 'lambdas';
const { values } = parseArgs({
  options: { sizes: { type: 'boolean' }, out: { type: 'string', default: 'dist/lambdas' } },
});

/** Every handler: `lambdas/<area>/on-<event>.ts`. */
function handlers(): string[] {
  const areas = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return areas.flatMap(({ name: area }) =>
    readdirSync(join(source, area))
      .filter((file) => /^on-[\w-]+\.ts$/.test(file))
      .map((file) => join(source, area, file)),
  );
}

/** `lambdas/ingest/on-report.ts` goes to `dist/lambdas/ingest/on-report/index.js`, a folder of its own to deploy. */
const placeOf = (path: string): string => join(basename(dirname(path)), basename(path, '.ts'), 'index');

/** The function that tells the API's schemas. */
const describes = (path: string): boolean => placeOf(path).startsWith('reference');

/**
 * Bundles handlers in one go, with all that they import: nothing is installed beside them.
 * @returns what went into each bundle
 */
async function bundle(paths: readonly string[], options: Parameters<typeof leftOut>[0]): Promise<Metafile['outputs']> {
  const { metafile } = await build({
    entryPoints: paths.map((path) => ({ in: path, out: placeOf(path) })),
    outdir: values.out,
    bundle: true,
    minify: true,
    sourcemap: true,
    // The text of sources is in the repository; a stack trace needs only their lines.
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Packages' ES modules leave out what is not used.
    mainFields: ['module', 'main'],
    plugins: [leftOut(options), onlyUsedZod],
    metafile: true,
    logLevel: 'warning',
  });
  return metafile.outputs;
}

function printSizes(outputs: Metafile['outputs']): void {
  const scripts = Object.entries(outputs).filter(([path]) => path.endsWith('.js'));
  for (const [path, { bytes }] of scripts.sort(([, a], [, b]) => b.bytes - a.bytes)) {
    console.log(`${(bytes / 1024).toFixed(0).padStart(6)} KB  ${path}`);
  }
}

/** A cold start reads and compiles all of a bundle: what outgrows this has taken in something by accident. */
const mostBytes = 400 * 1024;

function refuseLarge(outputs: Metafile['outputs']): void {
  for (const [path, { bytes }] of Object.entries(outputs)) {
    if (!path.endsWith('.js') || bytes <= mostBytes) continue;
    console.error(`${path} has ${bytes} bytes, more than the ${mostBytes} that a function may have.`);
    process.exitCode = 1;
  }
}

async function main(): Promise<void> {
  const all = handlers();
  const outputs = await Promise.all([
    bundle(all.filter(describes), { describes: true }),
    bundle(
      all.filter((path) => !describes(path)),
      { describes: false },
    ),
  ]);
  const made = Object.assign({}, ...outputs);
  if (values.sizes) printSizes(made);
  refuseLarge(made);
}

main().catch(() => {
  process.exitCode = 1;
});
