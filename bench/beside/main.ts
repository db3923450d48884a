import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Recorded, readDataset } from '../../replay/datasets';
import type { Anchor } from '../../replay/schedule';
import teardown from '../../test/system/teardown';
import { machine } from '../machine';
import { fastify, type Side, waystream } from './sides';
import { ask, countOf, type Load, load, questions, type Times } from './work';

const usage = `Gives the same positions and the same questions to Waystream's local stack and to what a team would write
instead, a small Fastify server over Valkey and PostgreSQL with PostGIS, one after the other on this machine.

npm run bench:beside -- [options]
  --points N   positions of the Porto set (default 20000)
  --senders N  that report at the same time (default 8)
  --batch N    positions of a report (default 50)
  --asks N     times that each question is asked (default 200)`;

const amount = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const optionsSchema = z.object({ points: amount(20_000), senders: amount(8), batch: amount(50), asks: amount(200) });

interface Result {
  side: string;
  load: Load;
  answers: Record<string, Times>;
  cpu: Record<string, number>;
  bytes: Record<string, number>;
}

type Options = z.infer<typeof optionsSchema>;

async function measure(side: Side, set: readonly Recorded[], options: Options): Promise<Result> {
  const [first, last] = [set[0]?.point.time ?? 0, set.at(-1)?.point.time ?? 0];
  const anchor: Anchor = { recorded: first, now: Date.now() - (last - first) - 1_000, speed: 1, intervals: 'keep' };
  console.error(`… ${side.name}: ${set.length} positions`);
  const [before, empty] = [side.cpu(), side.bytes()];
  const loaded = await load(side, set, anchor, options.senders, options.batch);
  const cpu = since(before, side.cpu());
  await compareCounts(side, set);
  const answers: Record<string, Times> = {};
  for (const [name, question] of Object.entries(questions(set, anchor))) {
    console.error(`… ${side.name}: ${name}`);
    answers[name] = await ask(side, question, options.asks);
  }
  return { side: side.name, load: loaded, answers, cpu, bytes: since(empty, side.bytes()) };
}

/** Both must have kept everything, or their times don't compare. */
async function compareCounts(side: Side, set: readonly Recorded[]): Promise<void> {
  const counts = new Map<string, { device: string; task: string; times: Set<number> }>();
  for (const { device, task, point } of set) {
    const known = counts.get(`${device}#${task}`) ?? { device, task, times: new Set() };
    counts.set(`${device}#${task}`, { ...known, times: known.times.add(point.time) });
  }
  for (const { device, task, times } of [...counts.values()].slice(0, 50)) {
    const found = await countOf(side, device, task);
    if (found !== times.size) throw new Error(`${side.name} has ${found} of ${times.size} points of ${device} ${task}`);
  }
}

/** By how much each part has grown. */
const since = (before: Record<string, number>, now: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(now).map(([part, value]) => [part, value - (before[part] ?? 0)]));

const sum = (parts: Record<string, number>): number => Object.values(parts).reduce((total, each) => total + each, 0);
const listed = (parts: Record<string, number>, show: (value: number) => string): string =>
  Object.entries(parts)
    .map(([part, value]) => `${part} ${show(value)}`)
    .join(', ');
const times = ({ p50, p99 }: Times): string => `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
const megabytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1);

function print(results: readonly Result[], { points }: Options): void {
  const row = (name: string, of: (result: Result) => string) =>
    console.log(`| ${[name, ...results.map(of)].join(' | ')} |`);
  console.log(`${machine()}; ${points} positions of Porto\n`);
  row('', ({ side }) => side);
  console.log(`|---|${results.map(() => '--:|').join('')}`);
  row('accepted positions a second', (each) => each.load.rate.toFixed(0));
  row('report, p50 / p99 (ms)', (each) => times(each.load.times));
  row('all of it readable after (s)', (each) => each.load.settledAfter.toFixed(1));
  for (const name of Object.keys(results[0]?.answers ?? {})) {
    row(`${name}, p50 / p99 (ms)`, ({ answers }) => times(answers[name] ?? { p50: 0, p99: 0 }));
  }
  row('CPU (s)', ({ cpu }) => sum(cpu).toFixed(1));
  row('of it', ({ cpu }) => listed(cpu, (seconds) => seconds.toFixed(1)));
  row('on disk (MB)', ({ bytes }) => megabytes(sum(bytes)));
  row('of it', ({ bytes }) => listed(bytes, megabytes));
}

async function main(): Promise<void> {
  const flag = { type: 'string' } as const;
  const flags = { points: flag, senders: flag, batch: flag, asks: flag, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ options: flags });
  if (values.help) return console.log(usage);
  const options = optionsSchema.parse(values);
  const folder = mkdtempSync(join(tmpdir(), 'waystream-beside-'));
  process.env.WAYSTREAM_TEST_DIR = mkdtempSync(join(folder, 'stacks-'));
  const set = (await readDataset('porto')).slice(0, options.points);
  const results: Result[] = [];
  try {
    for (const start of [fastify, waystream]) {
      const side = await start(folder);
      results.push(await measure(side, set, options).finally(() => side.stop()));
    }
  } finally {
    await teardown();
    rmSync(folder, { recursive: true, force: true });
  }
  print(results, options);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
