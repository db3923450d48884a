import { parseArgs } from 'node:util';
import type { Point } from '../../client/src/point';
import { byClient, liveErrors, plainly, type Report, type Settings, trackErrors } from './ride';
import { munich, porto } from './traces';

const HELP = `npm run bench:sdk [-- --trips 300]

What the device client sends, and how far its track lies from the truth, against one post each four seconds: on the
1 Hz drive through Munich and on the trips of the Porto morning, a fix each second on the lines between their points.
The client itself runs, against a clock and a server in memory. Bytes are those of the requests' bodies. Deterministic;
about a minute.`;

const EVERY_SECONDS = 4;
/** While somebody watches the device on a map: a point each five seconds, sent as it comes. */
const watched: Settings = {
  sampling: { intervalMs: { still: 30_000, slow: 5_000, fast: 5_000 } },
  batching: { points: 1 },
};

interface Way {
  label: string;
  report(fixes: readonly Point[], seed: number): Promise<Report>;
}

const ways: Way[] = [
  { label: 'a post each 4 s', report: async (fixes) => plainly(fixes, EVERY_SECONDS) },
  { label: 'client', report: (fixes, seed) => byClient(fixes, seed, {}) },
  { label: 'client, battery below a fifth', report: (fixes, seed) => byClient(fixes, seed, { battery: () => 0.1 }) },
  { label: 'client, watched', report: (fixes, seed) => byClient(fixes, seed, watched) },
];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const part = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;

/** Mean, the one that 95 of 100 stay below, and the greatest, in metres. */
function errors(values: number[]): string {
  const sorted = values.sort((a, b) => a - b);
  return [mean(sorted), part(sorted, 0.95), part(sorted, 1)].map((metres) => metres.toFixed(1)).join(' / ');
}

async function row(set: string, rides: readonly Point[][], { label, report }: Way): Promise<void> {
  const sums = { hours: 0, requests: 0, bytes: 0, points: 0 };
  const [track, live]: [number[], number[]] = [[], []];
  for (const [index, fixes] of rides.entries()) {
    const result = await report(fixes, index);
    sums.hours += ((fixes.at(-1)?.time ?? 0) - (fixes[0]?.time ?? 0)) / 3_600_000;
    sums.requests += result.requests;
    sums.bytes += result.bytes;
    sums.points += result.arrived.length;
    for (const error of trackErrors(fixes, result)) track.push(error);
    for (const error of liveErrors(fixes, result)) live.push(error);
  }
  const anHour = (sum: number) => Math.round(sum / sums.hours);
  const cells = [set, label, anHour(sums.requests), anHour(sums.points), (anHour(sums.bytes) / 1_000).toFixed(1)];
  console.log(`| ${[...cells, (sums.bytes / sums.points).toFixed(0), errors(track), errors(live)].join(' | ')} |`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { trips: { type: 'string', default: '300' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(HELP);
  const sets = { Munich: await munich(), Porto: await porto(Number(values.trips)) };
  console.log(
    '| | | requests an hour | points an hour | KB an hour | bytes a point | track off by (m): mean / 95 % / most | map off by (m) |',
  );
  console.log('|---|---|--:|--:|--:|--:|--:|--:|');
  for (const [set, rides] of Object.entries(sets)) for (const way of ways) await row(set, rides, way);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
