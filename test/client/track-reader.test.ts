import { readTrack, type TrackReaderOptions, TrackUnreadable } from '../../client/src/track-reader';
import { FakeClock } from './fake-clock';
import { MemoryServer, type Scripted } from './server';

const clock = new FakeClock();
let server: MemoryServer;
beforeEach(async () => {
  server = await MemoryServer.open(() => clock.truth);
});
afterEach(() => server.close());

const point = (time: number) => ({ task: 'ride', time, lat: 41, lon: -8 });
const page = (next: string, ...times: number[]): Scripted => ({
  status: 200,
  body: { device: 'rider', positions: times.map(point), next },
});

/** The server has these pages, each under the cursor before it; what it does not know is empty. */
function serve(pages: Record<string, Scripted[]>): void {
  server.routes.set('/v1/tracks/rider/ride', ({ path }) => {
    const query = new URLSearchParams(path.split('?')[1]);
    expect(query.get('order')).toBe('arrival');
    const cursor = query.get('cursor') ?? '';
    return pages[cursor]?.shift() ?? page(cursor || 'start');
  });
}

/** Reads until there are so many points, letting time pass. */
async function read(most: number, options: Partial<TrackReaderOptions> = {}) {
  const ends = new AbortController();
  const times: number[] = [];
  const cursors: string[] = [];
  const reading = (async () => {
    const environment = { clock, random: () => 0.5 };
    const given = { api: server.url, token: 't', owner: 'rider', task: 'ride', signal: ends.signal, environment };
    for await (const { points, cursor } of readTrack({ ...given, ...options })) {
      times.push(...points.map(({ time }) => time));
      cursors.push(cursor);
      if (times.length >= most) return;
    }
  })();
  let done = false;
  const end = () => {
    done = true;
  };
  reading.then(end, end);
  await clock.until(() => done, 500);
  await reading;
  return { times, cursors };
}

test('each point is read once, late ones as they come, and the cursor goes with the points', async () => {
  serve({ '': [page('a', 1, 2)], a: [page('a'), page('a'), page('b', 5, 3)], b: [page('c', 4)] });
  expect(await read(5)).toEqual({ times: [1, 2, 5, 3, 4], cursors: ['a', 'b', 'c'] });
});

test('a reader goes on where an earlier one ended', async () => {
  serve({ '': [page('a', 1)], a: [page('b', 2)] });
  expect(await read(1, { cursor: 'a' })).toEqual({ times: [2], cursors: ['b'] });
});

test('failures, waits and a track that is not there yet hold it up, and lose nothing', async () => {
  const busy: Scripted = { status: 503, headers: { 'retry-after': '30' } };
  serve({ '': [{ status: 404 }, { status: 500 }, { status: 200, cut: true }, page('a', 1)], a: [busy, page('b', 2)] });
  const from = clock.now();
  expect((await read(2)).times).toEqual([1, 2]);
  expect(clock.now() - from).toBeGreaterThanOrEqual(30_000);
});

test.each([
  [400, 'foreign_cursor'],
  [403, 'not_yours'],
])('a refusal for good, %d, ends it with its reason', async (status, code) => {
  serve({ '': [{ status, body: { code, detail: 'No.' } }] });
  await expect(read(1)).rejects.toThrow(TrackUnreadable);
});
