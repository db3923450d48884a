import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { StackClient } from '../test/system/stack';
import { readTrace, startTrace } from './hops';
import { type Latencies, Load, type Sample } from './load';
import { namesRest } from './load/names';
import { compareViews } from './load/views';
import { machine } from './machine';
import { type Part, partsOf } from './parts';
import { withStack } from './stack';

const usage = `Measures the time from a device's request to the frame at a viewer, and where it goes.

npm run bench:push -- [options]
  --seconds N   measured time at each rate (default 60)
  --rate N,N    positions a second of all devices together, one after the other (default 20,500)
  --points N    positions a request (default 1)
  --devices N   (default 1000)
  --viewers N   (default 200)
  --warm-up N   seconds at 20 positions a second first: functions and gateway compile their code (default 60)`;

const WARM_UP_RATE = 20;
/** What a change of the rate stirs up has calmed down by then. */
const CALM_S = 5;
const OPEN_AND_SETTLE_S = 60;

interface Options {
  seconds: number;
  rates: number[];
  points: number;
  devices: number;
  viewers: number;
  warmUp: number;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      rate: { type: 'string', default: '20,500' },
      points: { type: 'string', default: '1' },
      devices: { type: 'string', default: '1000' },
      viewers: { type: 'string', default: '200' },
      'warm-up': { type: 'string', default: '60' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  return {
    seconds: Number(values.seconds),
    rates: values.rate.split(',').map(Number),
    points: Number(values.points),
    devices: Number(values.devices),
    viewers: Number(values.viewers),
    warmUp: Number(values['warm-up']),
  };
}

interface Measured {
  sample: Sample;
  hops: [hop: string, since: Latencies][];
  /** cores that each part of the stack took */
  cores: [part: string, cores: number][];
}

/** Lets reports flow and samples what came of them; then traces some, as tracing costs a little itself. */
async function drive(client: StackClient, load: Load, rate: number, seconds: number): Promise<Measured> {
  await load.setRate(rate);
  await sleep(CALM_S * 1_000);
  await load.sample();
  console.error(`… measuring ${rate} positions a second for ${seconds} s`);
  const before = partsOf(client.place.pid);
  await sleep(seconds * 1_000);
  const sample = await load.sample();
  const cores = coresOf(before, partsOf(client.place.pid), sample.elapsedMs);
  const tracedSeconds = Math.max(10, Math.round(seconds / 2));
  console.error(`… tracing for ${tracedSeconds} s`);
  await startTrace(client, load);
  await sleep(tracedSeconds * 1_000);
  return { sample, cores, hops: await readTrace(client, load) };
}

function coresOf(before: readonly Part[], after: readonly Part[], elapsedMs: number): Measured['cores'] {
  return after.map(({ name, cpuMs }) => {
    const from = before.find((part) => part.name === name)?.cpuMs ?? 0;
    return [name, (cpuMs - from) / elapsedMs];
  });
}

/** What the viewers' maps show when everything has been through. */
async function settle(load: Load, client: StackClient) {
  await load.setRate(0);
  await client.settled(15 * 60_000);
  // Frames that rest between two go out by then.
  await sleep(2_000);
  return compareViews(await load.ledgers(), await load.views());
}

async function measure(client: StackClient, options: Options): Promise<void> {
  const { api, ws } = client.place;
  console.error(`… opening ${options.devices} devices and ${options.viewers} viewers`);
  const { devices, viewers, points, warmUp, rates, seconds } = options;
  await namesRest((warmUp + rates.length * (CALM_S + 2 * seconds) + OPEN_AND_SETTLE_S) * 1_000);
  const load = await Load.open({ api, ws, devices, viewers, pointsPerReport: points });
  try {
    console.error(`… warming up for ${warmUp} s`);
    await load.setRate(WARM_UP_RATE);
    await sleep(warmUp * 1_000);
    console.log(machine());
    for (const rate of rates) print(await drive(client, load, rate, seconds), rate, options);
    printShown(await settle(load, client));
  } finally {
    await load.close();
  }
}

const row = (name: string, sample: Sample['push']) =>
  `| ${name} | ${sample.percentile(0.5)} | ${sample.percentile(0.99)} | ${sample.percentile(1)} |`;

/** Each hop with the difference of medians from the one before. */
function printHops(hops: Measured['hops']): void {
  console.log('\n| since the request was sent (ms) | p50 | p99 | p50 more than before |\n|---|--:|--:|--:|');
  let before = 0;
  for (const [hop, since] of hops) {
    const median = since.percentile(0.5);
    console.log(`| ${hop} | ${median} | ${since.percentile(0.99)} | ${hop === 'answered' ? '' : median - before} |`);
    if (hop !== 'answered') before = median;
  }
}

function printCores(cores: Measured['cores'], load: number): void {
  console.log('\n| CPU of | cores |\n|---|--:|');
  for (const [part, share] of [...cores, ['load generator', load] as const]) {
    console.log(`| ${part} | ${share.toFixed(2)} |`);
  }
}

function printShown({ lost, expected, outdated }: ReturnType<typeof compareViews>): void {
  console.log(
    `\n${lost} of ${expected} newest positions were missing on the viewers' maps in the end, ${outdated} outdated.`,
  );
}

function print({ sample, hops, cores }: Measured, rate: number, { devices, viewers, points }: Options): void {
  const seconds = sample.elapsedMs / 1_000;
  console.log(
    `\n${devices} devices, ${viewers} viewers, ${points} positions a request, ` +
      `${rate} positions a second asked for, ${(sample.accepted / seconds).toFixed(0)} accepted.\n`,
  );
  console.log('| (ms) | p50 | p99 | most |\n|---|--:|--:|--:|');
  console.log(row('request → answer', sample.ingest));
  console.log(row('request → frame', sample.push));
  console.log(
    `\n${(sample.frames / seconds).toFixed(0)} frames a second, ${(sample.frames / seconds / viewers).toFixed(1)} a viewer, ` +
      `${(sample.push.count / Math.max(1, sample.frames)).toFixed(1)} positions and ${(sample.frameBytes / Math.max(1, sample.frames) / 1024).toFixed(1)} KB each.`,
  );
  console.log(
    `Behind: ${sample.behind} reports; sent again: ${sample.retried}; refused: ${sample.refused}; subscribed again: ${sample.resubscribed}.`,
  );
  printHops(hops);
  printCores(cores, sample.cores);
}

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) return console.log(usage);
  await withStack(['--search', 'none'], (client) => measure(client, options));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
