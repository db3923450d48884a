import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { directWrites } from '../../client/src/direct';
import { FileStore } from '../../client/src/file-store';
import { type Frame, Live } from '../../client/src/live';
import type { Point } from '../../client/src/point';
import { readTrack } from '../../client/src/track-reader';
import { Tracker, type TrackerOptions } from '../../client/src/tracker';
import { type Line, openLine } from '../browser/line';
import { HandSource } from '../client/harness';
import { eventually, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);
const PATIENCE_MS = 60_000;

let client: StackClient;
let operator: string;
let folder: string;
let line: Line;
/** The API, by a line that can be cut. */
let api: string;
const run = Date.now();

beforeAll(async () => {
  client = new StackClient(await startedStack());
  operator = await client.token('sdk-operator', 'operator');
  folder = await mkdtemp(join(tmpdir(), 'waystream-sdk-'));
  const { port } = new URL(client.place.api);
  line = await openLine(Number(port));
  api = client.place.api.replace(`:${port}`, `:${line.port}`);
});
afterAll(async () => {
  line?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Rider {
  device: string;
  token: string;
  source: HandSource;
  told: Point[];
  tracker(options?: Partial<TrackerOptions>): Tracker;
  /** Tells so many points, one each 50 ms. */
  ride(points: number): Promise<void>;
}

/** A rider who has begun a ride; its trackers use one log. */
async function riderOf(name: string): Promise<Rider> {
  const device = `sdk-${name}-${run}`;
  const token = await client.token(device, 'device');
  const source = new HandSource();
  const told: Point[] = [];
  const { status } = await client.request('/v1/rides', { token, body: { task: 'ride', activity: 'cycling' } });
  if (status !== 201) throw new Error(`The ride was not begun: ${status}.`);
  return {
    device,
    token,
    source,
    told,
    tracker: (options = {}) =>
      new Tracker({
        api,
        token: () => token,
        task: 'ride',
        source,
        store: new FileStore(join(folder, `${name}.log`)),
        sampling: { intervalMs: { still: 0, slow: 0, fast: 0 } },
        batching: { points: 5, ageMs: 500 },
        backoff: { firstMs: 200, mostMs: 2_000 },
        ...options,
      }),
    async ride(points) {
      for (let each = 0; each < points; each++) {
        const point = { time: Date.now(), lat: 41.1 + told.length * 1e-4, lon: -8.7, speed: 5 };
        told.push(point);
        await source.tell(point);
        await sleep(50);
      }
    },
  };
}

const timesOf = (points: readonly { time: number }[]) => points.map(({ time }) => time).sort((a, b) => a - b);
const sent = (tracker: Tracker) => eventually(() => tracker.stats.waiting === 0, PATIENCE_MS);

async function trackOf({ device }: Rider): Promise<number[]> {
  await client.settled();
  const { body } = await client.request(`/v1/tracks/${device}/ride?limit=1000`, { token: operator });
  return timesOf(body.positions);
}

test('a ride with its line cut and its tracker restarted is whole, seen live and read by polling, each point once', async () => {
  const rider = await riderOf('cut');
  const live = new Live({ api, ws: client.place.ws, token: operator, webSocket: WebSocket });
  const frames: Frame[] = [];
  live.follow({ device: rider.device }, (frame) => frames.push(frame));
  await eventually(() => frames.length > 0, PATIENCE_MS);

  const polled: Point[] = [];
  const ends = new AbortController();
  const reader = readTrack({
    api,
    token: rider.token,
    owner: rider.device,
    task: 'ride',
    pollMs: 300,
    signal: ends.signal,
  });
  const reading = (async () => {
    for await (const { points } of reader) polled.push(...points);
  })();

  const first = rider.tracker();
  await first.start();
  await rider.ride(15);
  line.cut();
  await rider.ride(15);
  await first.stop();
  const second = rider.tracker();
  await second.start();
  line.cut();
  await rider.ride(10);
  await second.flush();
  await sent(second);
  await second.stop();

  const told = timesOf(rider.told);
  expect(await trackOf(rider)).toEqual(told);
  await eventually(() => polled.length >= told.length, PATIENCE_MS);
  await eventually(
    () => frames.some(({ positions }) => positions.some(({ time }) => time === told.at(-1))),
    PATIENCE_MS,
  );
  ends.abort();
  await reading;
  live.close();
  expect(timesOf(polled)).toEqual(told);
});

test('a tracker that writes directly goes on while the API is away, and by the API where it may not write', async () => {
  const rider = await riderOf('direct');
  const ways: string[] = [];
  const direct = directWrites({ onWay: (way, reason) => ways.push(reason ? `${way}: ${reason}` : way) });
  const tracker = rider.tracker({ api: client.place.api, direct });
  await tracker.start();
  await rider.ride(10);
  await sent(tracker);
  expect(new Set(ways)).toEqual(new Set(['direct']));
  await client.control('POST', 'api', { open: false });
  try {
    await rider.ride(20);
    await sent(tracker);
  } finally {
    await client.control('POST', 'api', { open: true });
  }
  expect(new Set(ways)).toEqual(new Set(['direct']));
  // What the API would refuse is left to it.
  await rider.source.tell({ time: Date.now() + 600_000, lat: 41, lon: -8 });
  await eventually(() => tracker.stats.refused === 1, PATIENCE_MS);
  expect(ways.at(-1)).toMatch(/^api/);
  await tracker.stop();
  expect(await trackOf(rider)).toEqual(timesOf(rider.told));
});

test('a device whose clock is an hour ahead has the true times on its track', async () => {
  const rider = await riderOf('ahead');
  const ahead = 3_600_000;
  const clock = {
    now: () => Date.now() + ahead,
    monotonic: () => performance.now(),
    after: (ms: number, work: () => void) => {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    },
  };
  const tracker = rider.tracker({ environment: { clock } });
  await tracker.start();
  const from = Date.now();
  await rider.source.tell({ time: clock.now(), lat: 41, lon: -8 });
  await sent(tracker);
  await tracker.stop();
  const [time = 0] = await trackOf(rider);
  // The clock's error is known to half of a round trip.
  expect(Math.abs(time - from)).toBeLessThan(60_000);
  expect(tracker.stats.refused).toBe(0);
});
