import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { importLimits } from '../lambdas/contract/imports';
import { type Recorded, readDataset } from '../replay/datasets';
import { asFeeder } from '../replay/reporters';
import { replay } from '../replay/run';
import { eventually, StackClient, startedStack } from '../test/system/stack';
import teardown from '../test/system/teardown';
import { loadMs } from './load-time';
import { bareNodeBytes, machine } from './machine';

/** Prints, for each function, the size of its bundle, how long that takes to load, and how much memory it comes to. */

const POINTS = 10_000;

const functionsSchema = z.array(
  z.object({ logicalId: z.string(), instances: z.array(z.object({ peakBytes: z.number() })) }),
);

/** Idle instances end after two minutes, so what they came to is looked up after every step. */
class Watch {
  /** Most bytes that an instance of a function came to, by the function's logical id. */
  readonly peaks = new Map<string, number>();

  constructor(private readonly client: StackClient) {}

  async look(): Promise<void> {
    const { functions } = await this.client.control('GET', 'status');
    for (const { logicalId, instances } of functionsSchema.parse(functions)) {
      const peak = Math.max(this.peaks.get(logicalId) ?? 0, ...instances.map(({ peakBytes }) => peakBytes));
      if (peak > 0) this.peaks.set(logicalId, peak);
    }
  }
}

/** What a day's clients do, each kind of request once: a cold start of every function, one after the other. */
async function useOnce(client: StackClient): Promise<void> {
  const operator = await client.token('operator', 'operator');
  const feeder = await client.token('bench', 'feeder');
  const now = Date.now();
  await client.report([{ deviceId: 'first', points: [{ time: now, lat: 41.15, lon: -8.61 }] }], 'bench');
  for (const path of [
    '/v1/openapi.json',
    '/v1/devices/first/position',
    '/v1/nearby?lat=41.15&lon=-8.61',
    `/v1/devices/first/tracks?from=${now - 1}&to=${now + 1}`,
    `/v1/search?from=${now - 1}&to=${now + 1}&devices=first`,
  ]) {
    await client.request(path, { token: operator });
  }
  await client.request('/v1/tickets', { method: 'POST', token: operator });
  const socket = await client.socket(feeder);
  const point = { time: now, lat: 41.15, lon: -8.61 };
  await socket.ask({ type: 'report', id: 'r', deviceId: 'second', points: [point] }, ({ id }) => id === 'r');
  socket.close();
  await client.settled();
  const { schedules } = await client.control('GET', 'status');
  for (const name of z.array(z.string()).parse(schedules)) await client.control('POST', `schedules/${name}/fire`);
}

/** What a rider's phones and apps ask for once, and the largest file that may be imported. */
async function useRides(client: StackClient): Promise<void> {
  const [owner, task] = ['rider', 'ride'];
  const token = await client.token(owner, 'device');
  const operator = await client.token('operator', 'operator');
  const ask = async (path: string, options: Parameters<StackClient['request']>[1]) => {
    const { status, text, body } = await client.request(path, options);
    if (status >= 300) throw new Error(`${path} answered ${status}: ${text}`);
    return body;
  };
  await ask('/v1/rides', { token, body: { task, activity: 'cycling' } });
  await ask('/v1/credentials', { token, body: { taskId: task } });
  const { key } = await ask('/v1/devices', { token: operator, body: { deviceId: owner } });
  await ask(`/v1/apps/osmand/${key}?lat=41.15&lon=-8.61`, {});
  await ask('/v1/rides', { token });
  const file = largestFile();
  const { id, upload } = await ask('/v1/rides/import', { token, body: { size: Buffer.byteLength(file) } });
  await fetch(upload.url, { method: 'PUT', body: file });
  await eventually(async () => (await ask(`/v1/imports/${id}`, { token })).finishedAt !== undefined, 120_000);
}

/** As many bytes as are taken, of points without a time: all is read, and nothing reaches the stream. */
function largestFile(): string {
  const [head, end] = ['<gpx version="1.1"><trk><trkseg>', '</trkseg></trk></gpx>'];
  const bytes = Math.floor((importLimits.bytes - head.length - end.length) / importLimits.points);
  const point = '<trkpt lat="41.15" lon="-8.61"></trkpt>'.padEnd(bytes);
  return head + point.repeat(importLimits.points) + end;
}

/** The recorded morning's start, in requests as full as the API takes them, with someone watching all of the city. */
async function replayWatched(client: StackClient, set: readonly Recorded[]): Promise<void> {
  const operator = await client.token('operator', 'operator');
  const feeder = await client.token('bench', 'feeder');
  const socket = await client.socket(operator);
  const viewport = { west: -8.75, south: 41.05, east: -8.5, north: 41.3 };
  await socket.ask({ type: 'subscribe', id: 'city', viewport }, ({ type }) => type === 'snapshot');
  const counters = { requests: 0, accepted: 0, refused: 0, retried: 0 };
  const reporter = asFeeder(client.place.api, feeder, counters);
  await replay({
    set,
    name: 'porto',
    reporter,
    speed: 1,
    intervals: 'keep',
    flatOut: true,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  reporter.close();
  await client.settled();
  await eventually(() => socket.frames.some(({ type }) => type === 'positions'));
  socket.close();
  console.error(`… ${counters.accepted} positions accepted, ${counters.refused} refused`);
}

/** The largest answers that may be asked for. */
async function readMuch(client: StackClient, set: readonly Recorded[]): Promise<void> {
  const operator = await client.token('operator', 'operator');
  const range = `from=${Date.now() - 86_400_000}&to=${Date.now()}`;
  const devices = [...new Set(set.map(({ device }) => device))];
  for (const device of devices.slice(0, 20)) {
    await client.request(`/v1/devices/${device}/position`, { token: operator });
    await client.request(`/v1/devices/${device}/tracks?${range}&limit=10000`, { token: operator });
  }
  const search = { from: Date.now() - 86_400_000, to: Date.now(), limit: 10_000, box: '-8.75,41.05,-8.5,41.3' };
  const parameters = new URLSearchParams(Object.entries(search).map(([name, value]) => [name, String(value)]));
  const socket = await client.socket(operator);
  for (let round = 0; round < 10; round++) {
    await client.request('/v1/nearby?lat=41.15&lon=-8.61&radius=20000&limit=100', { token: operator });
    const answer = await client.request(`/v1/search?${parameters}`, { token: operator });
    if (answer.status !== 200) throw new Error(`The search answered ${answer.status}: ${answer.text}`);
    const id = `s${round}`;
    const message = { type: 'search', id, ...search, from: String(search.from), to: String(search.to) };
    const end = await socket.ask(message, (frame) => frame.id === id && ['done', 'error'].includes(frame.type));
    if (end.type === 'error') throw new Error(`The search over WebSocket answered ${end.detail}`);
  }
  socket.close();
}

/** `IngestOnPositions1A2B3C4D` → `ingest/on-positions` */
function entryOf(logicalId: string): string {
  const [area = '', ...event] = logicalId.replace(/[0-9A-F]{8}$/, '').split(/(?=[A-Z])/);
  return `${area}/${event.join('-')}`.toLowerCase();
}

function print(peaks: ReadonlyMap<string, number>): void {
  const bare = bareNodeBytes();
  const megabytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(0);
  console.log(`${machine()}; Node.js alone takes ${megabytes(bare)} MB.\n`);
  console.log('| function | bundle (KB) | load (ms of CPU) | peak (MB) | with Node.js (MB) |\n|---|--:|--:|--:|--:|');
  const rows = [...peaks].map(([logicalId, peak]) => ({ entry: entryOf(logicalId), peak }));
  for (const { entry, peak } of rows.sort((a, b) => a.entry.localeCompare(b.entry))) {
    const file = join('dist/lambdas', entry, 'index.js');
    const size = (statSync(file).size / 1024).toFixed(0);
    console.log(`| ${entry} | ${size} | ${loadMs(file).toFixed(0)} | ${megabytes(peak)} | ${megabytes(peak + bare)} |`);
  }
}

async function main(): Promise<void> {
  process.env.WAYSTREAM_TEST_DIR = mkdtempSync(join(tmpdir(), 'waystream-bench-'));
  try {
    const client = new StackClient(await startedStack('bench'));
    const watch = new Watch(client);
    const set = (await readDataset('porto')).slice(0, POINTS);
    for (const step of [useOnce, useRides, replayWatched, readMuch]) {
      console.error(`… ${step.name}`);
      await step(client, set);
      await watch.look();
    }
    print(watch.peaks);
  } finally {
    await teardown();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
