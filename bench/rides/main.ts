import { parseArgs } from 'node:util';
import { z } from 'zod';
import { limits } from '../../lambdas/contract/limits';
import type { Point } from '../../lambdas/contract/position';
import { trackPageSchema } from '../../lambdas/contract/reads';
import { meterSchema } from '../../local/meter';
import type { StackClient } from '../../test/system/stack';
import { Latencies } from '../load';
import { machine } from '../machine';
import { seeded } from '../random';
import { onStack } from '../running';

const help = `npm run bench:rides [-- options]

Sends one long ride, part by part, and prints what its statistics cost in each part: CPU of their consumer and units of
the tables a thousand points; then reads it, in the order of time and of arrival, page by page.

  --points N   of the ride, ten a second (200000; 20000 with --short)
  --parts N    (4)
  --page N     points of a page (1000)
  --short      a tenth of the points
  --stack FILE use the running stack that wrote this ready file`;

const options = {
  points: { type: 'string' },
  parts: { type: 'string', default: '4' },
  page: { type: 'string', default: '1000' },
  short: { type: 'boolean', default: false },
  stack: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Ten fixes a second. */
const STEP_MS = 100;
const METRES_PER_DEGREE = 111_195;

/** A cyclist who wanders about at some 6 m/s, six hours of it for 200,000 points. */
function rideOf(count: number, from: number): Point[] {
  const random = seeded(11);
  let [lat, lon, heading] = [41.15, -8.61, 0];
  return Array.from({ length: count }, (_, index) => {
    heading += (random() - 0.5) * 0.1;
    const metres = 0.6 * random() + 0.3;
    lat += (metres * Math.cos(heading)) / METRES_PER_DEGREE;
    lon += (metres * Math.sin(heading)) / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180));
    const [round, altitude] = [(degrees: number) => Number(degrees.toFixed(7)), 80 + 40 * Math.sin(index / 6_000)];
    return { time: from + index * STEP_MS, lat: round(lat), lon: round(lon), altitude: Number(altitude.toFixed(1)) };
  });
}

interface Spent {
  cpuMs: number;
  invocations: number;
  writeUnits: number;
  readUnits: number;
}

/** What the consumer of rows has used so far. */
async function spent(client: StackClient): Promise<Spent> {
  const own = meterSchema
    .parse(await client.control('GET', 'meter'))
    .filter((line) => /^RidesOnRows/.test(line.function));
  const sum = (name: string) => own.reduce((total, { units }) => total + (units[name] ?? 0), 0);
  const invocations = own.filter(({ action }) => action === 'Invoke').reduce((total, { calls }) => total + calls, 0);
  return { cpuMs: sum('cpuMs'), invocations, writeUnits: sum('writeUnits'), readUnits: sum('readUnits') };
}

async function send(client: StackClient, task: string, points: readonly Point[]): Promise<void> {
  for (let from = 0; from < points.length; from += limits.pointsPerRequest) {
    const some = points.slice(from, from + limits.pointsPerRequest);
    await client.report([{ deviceId: 'cyclist', taskId: task, points: some }]);
  }
  await client.settled(15 * 60_000);
}

/** Reads a whole track and times each page. @returns the pages' times (ms) and the points read */
async function readAll(client: StackClient, task: string, order: string, page: number) {
  const token = await client.token('operator', 'operator');
  const times = new Latencies();
  let points = 0;
  let cursor: string | undefined;
  for (;;) {
    const query = new URLSearchParams({ order, limit: String(page), ...(cursor !== undefined && { cursor }) });
    const from = performance.now();
    const { status, text, body } = await client.request(`/v1/tracks/cyclist/${task}?${query}`, { token });
    if (status !== 200) throw new Error(`${status}: ${text}`);
    const found = trackPageSchema.parse(body);
    if (found.positions.length > 0) times.add(performance.now() - from);
    points += found.positions.length;
    if (found.next === undefined || found.positions.length === 0) return { times, points };
    cursor = found.next;
  }
}

const rideSchema = z.object({ statistics: z.object({ points: z.int(), distance: z.number() }) });

async function measure(client: StackClient, count: number, parts: number, page: number): Promise<void> {
  const task = 'long-ride';
  const ride = rideOf(count, Date.now() - count * STEP_MS - 60_000);
  console.log('| points | CPU a thousand points (ms) | invocations | write units a thousand | read units a thousand |');
  console.log('|---|--:|--:|--:|--:|');
  const size = Math.ceil(count / parts);
  for (let from = 0; from < count; from += size) {
    const part = ride.slice(from, from + size);
    console.error(`… sending ${part.length} points`);
    const before = await spent(client);
    await send(client, task, part);
    const after = await spent(client);
    const each = (name: keyof Spent) => (((after[name] - before[name]) * 1_000) / part.length).toFixed(1);
    console.log(
      `| ${from + 1} to ${from + part.length} | ${each('cpuMs')} | ${after.invocations - before.invocations} | ${each('writeUnits')} | ${each('readUnits')} |`,
    );
  }
  const { body } = await client.request(`/v1/rides/${task}?owner=cyclist`, {
    token: await client.token('operator', 'operator'),
  });
  const { statistics } = rideSchema.parse(body);
  console.log(`\n${statistics.points} points in the statistics, ${(statistics.distance / 1_000).toFixed(1)} km.`);
  console.log(`\n| pages of ${page} points | points read | p50 (ms) | p99 (ms) | most (ms) |\n|---|--:|--:|--:|--:|`);
  for (const order of ['oldest', 'newest', 'arrival']) {
    const { times, points } = await readAll(client, task, order, page);
    const [p50, p99, most] = [0.5, 0.99, 1].map((share) => times.percentile(share));
    console.log(`| ${order} | ${points} | ${p50} | ${p99} | ${most} |`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(help);
  const count = Number(values.points ?? (values.short ? 20_000 : 200_000));
  console.log(`${machine()}.\n`);
  await onStack({ args: ['--search', 'none'], readyFile: values.stack }, (client) =>
    measure(client, count, Number(values.parts), Number(values.page)),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
