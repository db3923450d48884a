import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const source = 'lambdas';
const target = 'dist/lambdas';

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

/** zod carries its messages in some fifty languages, 260 KB that no bundler can tell are unused: English stays. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/**
 * Bundles every handler in one go, with all that it imports: nothing is installed beside it.
 * @returns what went into each bundle
 */
async function bundle(): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: handlers().map((path) => ({ in: path, out: placeOf(path) })),
    outdir: target,
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
    plugins: [englishOnly],
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

function printSizes({ outputs }: Metafile): void {
  const scripts = Object.entries(outputs).filter(([path]) => path.endsWith('.js'));
  for (const [path, { bytes }] of scripts.sort(([, a], [, b]) => b.bytes - a.bytes)) {
    console.log(`${(bytes / 1024).toFixed(0).padStart(6)} KB  ${path}`);
  }
}

/** A cold start reads and compiles all of a bundle: what outgrows this has taken in something by accident. */
const mostBytes = 1_000_000;

function refuseLarge({ outputs }: Metafile): void {
  for (const [path, { bytes }] of Object.entries(outputs)) {
    if (!path.endsWith('.js') || bytes <= mostBytes) continue;
    console.error(`${path} has ${bytes} bytes, more than the ${mostBytes} that a function may have.`);
    process.exitCode = 1;
  }
}

bundle().then(
  (metafile) => {
    if (process.argv.includes('--sizes')) printSizes(metafile);
    refuseLarge(metafile);
  },
  () => {
    process.exitCode = 1;
  },
);
