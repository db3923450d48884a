import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { z } from 'zod';
import { leftOut, onlyUsedZod } from '../scripts/left-out';
import { startValkey } from '../test/system/live/fixture';
import { variables } from './load-time';
import { machine } from './machine';

const usage = `Measures the CPU that ingest takes a request, against a handler that parses the body and puts it as it is.
Both are bundled as functions are, run in one process in turns, and put to the same stand-in of Kinesis; Valkey is real.

npm run bench:ingest -- [options]
  --pairs N     pairs of forty calls each (default 60)
  --points A,B  points a request (default 1,10,100)
  --profile     leaves a CPU profile of the process in .waystream/, with readable names`;

const folder = mkdtempSync(join(tmpdir(), 'waystream-ingest-'));
const lineSchema = z.object({ points: z.number(), measured: z.array(z.tuple([z.number(), z.number()])) });

/** Bundles as scripts/bundle.ts does. @returns the file */
async function bundled(name: string, entry: string, readable = false): Promise<string> {
  const outfile = join(folder, `${name}.js`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: !readable,
    sourcemap: 'inline',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    plugins: [leftOut({ describes: false }), onlyUsedZod],
    logLevel: 'warning',
  });
  return outfile;
}

async function startStream(): Promise<{ url: string; calls(): Promise<number>; stop(): void }> {
  const child = spawn(process.execPath, [join(__dirname, 'ingest/stream-stub.cjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  const url = `http://127.0.0.1:${port}`;
  return { url, calls: () => countOf(url), stop: () => void child.kill() };
}

async function countOf(url: string): Promise<number> {
  const response = await fetch(new URL('/count', url));
  return Number(await response.text());
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function environmentOf(stream: string, valkey: string): Record<string, string> {
  return {
    ...variables,
    VALKEY_URL: valkey,
    VALKEY_USER: 'default',
    AWS_ENDPOINT_URL: stream,
    AWS_ACCESS_KEY_ID: 'AKIDBENCH',
    AWS_SECRET_ACCESS_KEY: 'bench',
    DEVICE_RATE: '1000000',
    DEVICE_BURST: '1000000',
    ADDRESS_RATE: '1000000',
    ADDRESS_BURST: '1000000',
  };
}

async function print(runner: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<void> {
  console.log(
    '| points a request | ingest (µs of CPU) | bare (µs of CPU) | ratio | 10th–90th percentile of pairs |\n|--:|--:|--:|--:|--:|',
  );
  for await (const line of createInterface({ input: runner.stdout })) {
    const { points, measured } = lineSchema.parse(JSON.parse(line));
    const ratios = measured.map(([ours, bare]) => ours / bare).sort((a, b) => a - b);
    const at = (share: number) => ratios[Math.floor(share * (ratios.length - 1))]?.toFixed(2);
    const [ours, bare] = [median(measured.map(([each]) => each)), median(measured.map(([, each]) => each))];
    console.log(
      `| ${points} | ${ours.toFixed(0)} | ${bare.toFixed(0)} | ${median(ratios).toFixed(2)} | ${at(0.1)}–${at(0.9)} |`,
    );
  }
}

async function main(): Promise<void> {
  const string = { type: 'string' } as const;
  const boolean = { type: 'boolean' } as const;
  const { values } = parseArgs({ options: { pairs: string, points: string, profile: boolean, help: boolean } });
  if (values.help) return console.log(usage);
  const { pairs = '60', points = '1,10,100' } = values;
  console.error('… bundling both handlers');
  const [ours, bare, runner] = await Promise.all([
    bundled('ingest', 'lambdas/ingest/on-positions.ts', values.profile),
    bundled('bare', 'bench/ingest/bare.ts', values.profile),
    bundled('runner', 'bench/ingest/runner.ts', values.profile),
  ]);
  const [stream, valkey] = await Promise.all([startStream(), startValkey()]);
  console.log(`${machine()}\n`);
  console.error(`… ${pairs} pairs for each of ${points} points`);
  const profile = values.profile ? ['--cpu-prof', '--cpu-prof-dir=.waystream'] : [];
  try {
    const child = spawn(process.execPath, ['--enable-source-maps', ...profile, runner, ours, bare, points, pairs], {
      env: environmentOf(stream.url, valkey.engine.url),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await print(child);
    const [code] = await ended;
    if (code !== 0) throw new Error(`The process that was measured ended with ${code}`);
    const requests = points.split(',').length * (10 + Number(pairs)) * 40 * 2;
    console.log(`\n${((await stream.calls()) / requests).toFixed(2)} calls of the stream a request, in both.`);
  } finally {
    stream.stop();
    await valkey.stop();
    rmSync(folder, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
