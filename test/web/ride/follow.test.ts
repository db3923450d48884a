import fc from 'fast-check';
import type { Clock } from '../../../client/src/environment';
import type { Point } from '../../../lambdas/contract/position';
import { follow, type Reading } from '../../../web/ride/follow';
import { Track } from '../../../web/ride/track';

const json = (status: number, body: object) => new Response(JSON.stringify(body), { status });

/** What happens between two looks at a track: points arrive, or an answer fails. */
type Event = { arrive: number[] } | { fail: 'line' | 'away' | 'token' };

const eventsArbitrary = fc.array(
  fc.oneof(
    fc.record({ arrive: fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 6 }) }),
    fc.record({ fail: fc.constantFrom('line', 'away', 'token') }),
  ),
  { maxLength: 20 },
);

/** A server of one track, in pages of three points, that lives through one event a request. */
class Server {
  readonly journal: Point[] = [];
  readonly asked: URL[] = [];
  private readonly known = new Set<number>();

  constructor(
    private readonly events: Event[],
    private readonly finished: () => void,
  ) {}

  answer = async (url: string): Promise<Response> => {
    this.asked.push(new URL(url));
    const event = this.events.shift();
    if (event && 'fail' in event) {
      if (event.fail === 'line') throw new TypeError('no line');
      return json(event.fail === 'away' ? 503 : 401, { code: 'x', detail: 'x' });
    }
    for (const time of event?.arrive ?? []) this.enter(time);
    return this.page(Number(new URL(url).searchParams.get('cursor') ?? 0));
  };

  private enter(time: number): void {
    if (this.known.has(time)) return;
    this.known.add(time);
    this.journal.push({ time, lat: 41, lon: time / 1_000 });
  }

  private page(from: number): Response {
    if (this.journal.length === 0) return json(404, { code: 'track_not_found', detail: 'x' });
    const positions = this.journal.slice(from, from + 3).map((point) => ({ task: 'ride', ...point }));
    if (this.events.length === 0 && positions.length === 0) this.finished();
    return json(200, { device: 'car', positions, next: String(from + positions.length) });
  }
}

/** Time that passes at once. */
const clock: Clock = {
  now: () => 0,
  monotonic: () => 0,
  after: (ms, run) => {
    // A request's own limit is not a wait.
    if (ms > 30_000) return () => undefined;
    const soon = setImmediate(run);
    return () => clearImmediate(soon);
  },
};

async function followed(events: Event[]) {
  const end = new AbortController();
  const server = new Server([...events, { arrive: [1_000] }], () => end.abort());
  const [seen, readings]: [Point[], Reading[]] = [[], []];
  await follow({
    owner: 'car',
    task: 'ride',
    session: { api: 'https://api.test', token: 'a.b.c' },
    pollMs: 10,
    signal: end.signal,
    onPoints: (points) => seen.push(...points),
    onReading: (reading) => readings.push(reading),
    environment: { fetch: server.answer, clock, random: () => 0.5 },
  });
  return { server, seen, readings };
}

test('every point is read once, whatever arrives late and whatever fails meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(eventsArbitrary, async (events) => {
      const { server, seen } = await followed(events);
      expect(seen).toEqual(server.journal);
      const track = new Track();
      track.add(seen);
      expect(track.points.map(({ time }) => time)).toEqual(seen.map(({ time }) => time).sort((a, b) => a - b));
    }),
    { numRuns: 50 },
  );
});

test('it asks in the order of arrival, and goes on where it was', async () => {
  const { server } = await followed([{ arrive: [3, 1, 2, 0] }, { arrive: [] }]);
  expect(server.asked.map(({ pathname }) => pathname)).toEqual(server.asked.map(() => '/v1/tracks/car/ride'));
  expect(server.asked.map(({ search }) => search).slice(0, 3)).toEqual([
    '?order=arrival',
    '?order=arrival&cursor=3',
    '?order=arrival&cursor=4',
  ]);
});

test.each<[string, Event, Reading]>([
  ['a track that is not there yet', { arrive: [] }, 'missing'],
  ['a line that is down', { fail: 'line' }, 'lost'],
  ['a server that is away', { fail: 'away' }, 'lost'],
])('%s is told, and so is that it comes', async (_what, event, expected) => {
  const { readings } = await followed([event]);
  expect(readings[0]).toBe(expected);
  expect(readings.at(-1)).toBe('ok');
});

test('what the server refuses for good ends it', async () => {
  const fetch = async () => json(403, { code: 'not_yours', detail: 'Tracks are for their owner.' });
  const ends = follow({
    owner: 'car',
    task: 'ride',
    session: { api: 'https://api.test', token: 'a.b.c' },
    pollMs: 10,
    onPoints: () => undefined,
    onReading: () => undefined,
    environment: { fetch, clock },
  });
  await expect(ends).rejects.toThrow('Tracks are for their owner.');
});
