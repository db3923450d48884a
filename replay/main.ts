import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { z } from 'zod';
import { type DatasetName, datasetNames, readDataset } from './datasets';
import { loadProgress } from './progress';
import { asDevices, asFeeder } from './reporters';
import { type Reporter, replay } from './run';
import type { Counters } from './sender';

const usage = `Replays recorded positions through the API, dated to now.

npm run replay -- [options]
  --set NAME        ${datasetNames.join(', ')} (default porto)
  --as WHO          feeder: one request for all; devices: each by itself (default feeder)
  --speed N         so many times as fast as recorded (default 20)
  --intervals HOW   live: dated when sent; keep: the recorded intervals (default live)
  --flat-out        as fast as the answers come; keeps the intervals
  --limit N         only the first N points
  --resume          go on where an interrupted replay stopped
  --api URL         the API (default: the local stack that is running)
  --token TOKEN     a feeder’s token (default: WAYSTREAM_TOKEN, or one from the local stack)
  --ready-file FILE where the local stack says it is (default .waystream/ready.json)`;

const string = { type: 'string' } as const;
const boolean = { type: 'boolean' } as const;
const flags = {
  set: string,
  as: string,
  speed: string,
  intervals: string,
  limit: string,
  api: string,
  token: string,
  'ready-file': string,
  'flat-out': boolean,
  resume: boolean,
  help: boolean,
} as const;

const positive = z.coerce.number().positive();
const optionsSchema = z.object({
  set: z.enum(datasetNames).default('porto'),
  as: z.enum(['feeder', 'devices']).default('feeder'),
  speed: positive.max(10_000).default(20),
  intervals: z.enum(['live', 'keep']).default('live'),
  limit: positive.int().optional(),
  api: z.url().optional(),
  token: z.string().optional(),
  'ready-file': z.string().default('.waystream/ready.json'),
  'flat-out': z.boolean().default(false),
  resume: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;

/** A mistake of the person at the terminal: its message is all they need. */
class UsageError extends Error {}

function readOptions(args: string[]): Options | undefined {
  let values: { help?: boolean };
  try {
    values = parseArgs({ args, options: flags }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
  if (values.help) return undefined;
  const parsed = optionsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`--${issue?.path.join('.')}: ${issue?.message}\n\n${usage}`);
}

async function localApi(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`No local stack is running (no ${file}): start it with npm start, or name an API with --api.`);
  });
  return z.object({ api: z.url() }).parse(JSON.parse(text)).api;
}

/** A token from the local stack's issuer. */
async function localToken(api: string, sub: string, role: string): Promise<string> {
  const response = await fetch(new URL('/_local/token', api), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub, roles: [role], ttlSeconds: 86_400 }),
  });
  if (!response.ok) throw new UsageError(`${api} gives no tokens: it is no local stack. Pass one with --token.`);
  return z.object({ token: z.string() }).parse(await response.json()).token;
}

async function toReporter(options: Options, api: string, counters: Counters): Promise<Reporter> {
  if (options.as === 'devices') return asDevices(api, (device) => localToken(api, device, 'device'), counters);
  return asFeeder(
    api,
    options.token ?? process.env.WAYSTREAM_TOKEN ?? (await localToken(api, 'replay', 'feeder')),
    counters,
  );
}

/** A bar on a terminal, and a line each ten seconds elsewhere. */
function progressView(total: number, counters: Counters) {
  const started = Date.now();
  let line = 0;
  const rate = () => Math.round((counters.accepted * 1_000) / Math.max(1, Date.now() - started));
  if (process.stdout.isTTY) {
    const bar = new SingleBar(
      {
        format:
          'replay {bar} {percentage}% | {value}/{total} points | {rate}/s | {refused} refused | {retried} retried | {eta_formatted} left',
        hideCursor: true,
        etaBuffer: 100,
      },
      Presets.shades_classic,
    );
    bar.start(total, 0, { rate: 0, ...counters });
    return { show: (done: number) => bar.update(done, { rate: rate(), ...counters }), stop: () => bar.stop() };
  }
  const show = (done: number) => {
    if (Date.now() - line < 10_000 && done < total) return;
    line = Date.now();
    console.log(
      `replay: ${done} of ${total} points, ${rate()}/s, ${counters.refused} refused, ${counters.retried} retried`,
    );
  };
  return { show, stop: () => undefined };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(usage);
  const api = options.api ?? (await localApi(options['ready-file']));
  const name: DatasetName = options.set;
  const set = (await readDataset(name)).slice(0, options.limit);
  const progressFile = `.waystream/replay-${name}-${options.as}.json`;
  const resume = options.resume ? await loadProgress(progressFile) : undefined;
  const counters: Counters = { requests: 0, accepted: 0, refused: 0, retried: 0 };
  const reporter = await toReporter(options, api, counters);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const view = progressView(set.length, counters);
  const refusals = new Map<string, number>();
  const done = await replay({
    set,
    name,
    reporter,
    speed: options.speed,
    // Sent at once, live intervals would date points ahead of the clock.
    intervals: options['flat-out'] ? 'keep' : options.intervals,
    flatOut: options['flat-out'],
    progressFile,
    resume,
    signal: stop.signal,
    onProgress: (sent, receipts) => {
      for (const { code } of receipts.flatMap((receipt) => receipt.refused))
        refusals.set(code, (refusals.get(code) ?? 0) + 1);
      view.show(sent);
    },
  }).finally(() => {
    view.stop();
    reporter.close();
  });
  const reasons = [...refusals].map(([code, count]) => `${count} ${code}`).join(', ');
  console.log(
    `${done < set.length ? 'Replay stopped' : 'Replay finished'}: ${done} of ${set.length} points sent, ` +
      `${counters.accepted} accepted, ${counters.refused} refused${reasons && ` (${reasons})`}, ${counters.retried} requests sent again.` +
      (done < set.length ? ' Go on with --resume.' : ''),
  );
}

main().catch((error: unknown) => {
  if (error instanceof Error && error.name === 'AbortError') return;
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
