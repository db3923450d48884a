import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { StackClient } from '../test/system/stack';
import { Load } from './load';
import { namesRest } from './load/names';
import { compareViews } from './load/views';
import { machine } from './machine';
import { report, type Soak } from './soak/report';
import { highestSteadyRate } from './soak/steady';
import { checkTracks } from './soak/tracks';
import { look, type Moment, worstLag } from './soak/watch';
import { withStack } from './stack';

const usage = `Holds the highest steady rate for long and says whether memory and lag stay flat and nothing is lost.

npm run bench:soak -- [options]
  --minutes N    (default 30; 3 for a first look)
  --rate N       positions a second (default: the highest that the stack keeps up with, found first, less a tenth)
  --devices N    (default 1000)
  --viewers N    (default 200)
  --no-search    without the search domain
  --json FILE    where all samples go (default .waystream/soak.json)`;

const EVERY_MS = 10_000;
/** What is under way when the reports end has been through by then. */
const SETTLE_MS = 60_000;
/** Consumers may be so far behind in the end. */
const SETTLED_MS = 15 * 60_000;

interface Options {
  minutes: number;
  rate: number | undefined;
  devices: number;
  viewers: number;
  json: string;
}

/** A fifth of the time, five minutes at most: heaps and caches fill, code is compiled. */
const warmUpMs = (minutes: number) => Math.min(5, minutes / 5) * 60_000;

async function hold(rate: number, minutes: number, client: StackClient, load: Load): Promise<Moment[]> {
  const moments: Moment[] = [];
  await load.setRate(rate);
  await load.sample();
  const until = Date.now() + minutes * 60_000;
  for (let next = Date.now() + EVERY_MS; next <= until; next += EVERY_MS) {
    await sleep(Math.max(0, next - Date.now()));
    const moment = await look(client, load);
    moments.push(moment);
    if (moments.length % 6 !== 0) continue;
    const figures = `${moment.rate.toFixed(0)}/s, lag ${(worstLag(moment) / 1_000).toFixed(1)} s, push p99 ${moment.push.p99} ms`;
    console.error(`… ${moments.length / 6} of ${minutes} minutes: ${figures}`);
  }
  await namesRest(SETTLE_MS);
  await load.setRate(0);
  return moments;
}

async function measure(client: StackClient, { minutes, devices, viewers, json, ...options }: Options): Promise<void> {
  const { api, ws } = client.place;
  const from = Date.now();
  console.error(`… opening ${devices} devices and ${viewers} viewers`);
  const load = await Load.open({ api, ws, devices, viewers });
  try {
    const rate = options.rate ?? Math.round((await highestSteadyRate(client, load)) * 0.9);
    const moments = await hold(rate, minutes, client, load);
    console.error('… waiting for the streams, and comparing');
    await client.settled(SETTLED_MS);
    await sleep(2_000);
    const ledgers = await load.ledgers();
    const views = compareViews(ledgers, await load.views());
    const tracks = await checkTracks(client, ledgers, from);
    const soak: Soak = { machine: machine(), rate, minutes, moments, tracks, views };
    mkdirSync(dirname(json), { recursive: true });
    writeFileSync(json, `${JSON.stringify(soak)}\n`);
    console.log(report(soak, warmUpMs(minutes)));
    if (tracks.wrong.length > 0 || views.lost > 0) process.exitCode = 1;
  } finally {
    await load.close();
  }
}

async function main(): Promise<void> {
  const string = { type: 'string' } as const;
  const boolean = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: {
      minutes: string,
      rate: string,
      devices: string,
      viewers: string,
      json: string,
      'no-search': boolean,
      help: boolean,
    },
  });
  if (values.help) return console.log(usage);
  const { minutes = '30', rate, devices = '1000', viewers = '200', json = '.waystream/soak.json' } = values;
  const options: Options = {
    minutes: Number(minutes),
    rate: rate === undefined ? undefined : Number(rate),
    devices: Number(devices),
    viewers: Number(viewers),
    json,
  };
  await withStack(values['no-search'] ? ['--search', 'none'] : [], (client) => measure(client, options));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
