import type { Point } from '../../client/src/point';
import { settle } from './fake-clock';
import { openScene, type Scene } from './harness';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const MINUTE = 60_000;

/** Tells a place each second, about a metre further each time. */
async function drive(seconds: number): Promise<void> {
  for (let each = 0; each < seconds; each++) {
    await scene.drive(each * 1e-5);
    scene.clock.advance(1_000);
  }
}

const times = (points: readonly Point[]) => points.map(({ time }) => time);
const sizes = () => scene.server.posts.map(({ points }) => points.length);

test('the first position goes at once, the next ones together when enough wait', async () => {
  const tracker = scene.tracker({ batching: { points: 5 } });
  await tracker.start();
  await scene.drive(0);
  await scene.clock.until(() => scene.server.posts.length === 1, 0);
  scene.clock.advance(1_000);
  await drive(5);
  await scene.clock.until(() => tracker.stats.waiting === 0, 0);
  expect(sizes()).toEqual([1, 5]);
});

test('what waits goes when it is old enough, at an age that differs from batch to batch', async () => {
  const tracker = scene.tracker({ batching: { ageMs: MINUTE } });
  await tracker.start();
  await scene.drive(0);
  await scene.clock.until(() => tracker.stats.waiting === 0, 0);
  scene.clock.advance(1_000);
  await scene.drive(1e-5);
  scene.clock.advance(MINUTE - 1_000);
  await settle();
  expect(sizes()).toEqual([1]);
  await scene.clock.until(() => scene.server.posts.length === 2);
});

test('what waits goes when the device has moved far since it was last heard of', async () => {
  const tracker = scene.tracker({ batching: { metres: 300 } });
  await tracker.start();
  await scene.drive(0);
  await scene.clock.until(() => tracker.stats.waiting === 0, 0);
  scene.clock.advance(1_000);
  await scene.drive(0.0026); // 289 m
  await settle();
  expect(sizes()).toEqual([1]);
  scene.clock.advance(1_000);
  await scene.drive(0.0028); // 311 m
  await scene.clock.until(() => scene.server.posts.length === 2, 0);
});

test('a point is sent again until it is taken, in order, one request at a time, and counts once', async () => {
  const { server, clock } = scene;
  server.script.push(
    { status: 500 },
    { status: 202, cut: true },
    { status: 503 },
    { status: 202, afterTaking: true, cut: true },
  );
  const tracker = scene.tracker({ batching: { points: 3 }, task: 'ride' });
  await tracker.start();
  await drive(30);
  await clock.until(() => tracker.stats.waiting === 0);
  expect(server.mostInFlight).toBe(1);
  expect(times(server.track('ride'))).toHaveLength(30);
  expect(tracker.stats).toMatchObject({ told: 30, kept: 30, sent: 30, refused: 0, thinned: 0 });
  const arrived = [...server.taken.values()].map(({ point }) => point.time);
  expect(arrived).toEqual([...arrived].sort((a, b) => a - b));
  expect([...server.taken.values()].some(({ times }) => times > 1)).toBe(true);
});

test('a server that asks to wait is left alone for that long, also by a flush', async () => {
  const { server, clock } = scene;
  server.script.push({ status: 503, headers: { 'retry-after': '120' } });
  const tracker = scene.tracker();
  await tracker.start();
  await scene.drive(0);
  await clock.until(() => server.posts.length === 1, 0);
  await settle();
  expect(await tracker.flush()).toBe(1);
  clock.advance(119_000);
  await settle();
  expect(server.posts).toHaveLength(1);
  await clock.until(() => tracker.stats.waiting === 0, 1_000, 30);
  expect(scene.events).toContainEqual(expect.objectContaining({ type: 'waiting', retryInMs: expect.any(Number) }));
});

test('attempts come ever later after failures, up to a limit', async () => {
  const { server, clock } = scene;
  server.script.push(...Array.from({ length: 12 }, () => ({ status: 500 })));
  const tracker = scene.tracker({ backoff: { firstMs: 1_000, mostMs: 60_000 } });
  await tracker.start();
  await scene.drive(0);
  await clock.until(() => tracker.stats.waiting === 0, 500);
  const at = server.posts.map((post) => post.at);
  const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  // Random is a half here: the wait is half of its limit, to the next step of the clock.
  expect(gaps.map((gap) => Math.round(gap / 500) / 2).slice(0, 5)).toEqual([0.5, 1, 2, 4, 8]);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(30_500);
});

test('a flush sends all that waits, the newest fix included', async () => {
  const tracker = scene.tracker({ sampling: {}, batching: { points: 1_000, mostPoints: 4 } });
  await tracker.start();
  await drive(20);
  const last = scene.clock.now() - 1_000;
  expect(await tracker.flush()).toBe(0);
  expect(times(scene.server.track()).at(-1)).toBe(last);
});

test('what a process left behind is sent by the next one, under the same times', async () => {
  const { server, clock } = scene;
  clock.wrongBy = 3 * MINUTE;
  // Taken in, but the answer never came: the next process sends it again.
  server.script.push(
    { status: 202, afterTaking: true, cut: true },
    ...Array.from({ length: 50 }, () => ({ status: 500 })),
  );
  const first = scene.tracker();
  await first.start();
  await scene.drive(0);
  await clock.until(() => server.taken.size === 1, 100);
  await drive(3);
  await first.stop();
  server.script.length = 0;
  clock.wrongBy = 5 * MINUTE;
  const second = scene.tracker();
  await second.start();
  await clock.until(() => second.stats.waiting === 0 && second.stats.sent > 0);
  expect([...server.taken.values()]).toHaveLength(4);
});

test('a point that the server refuses is dropped, counted and told; the others stay', async () => {
  const { server, clock, source } = scene;
  const tracker = scene.tracker({ batching: { points: 3 } });
  await tracker.start();
  const lats = [41, 95, 41.001, 41.002];
  for (const lat of lats) {
    await source.tell({ time: clock.now(), lat, lon: -8 });
    clock.advance(1_000);
  }
  await clock.until(() => tracker.stats.waiting === 0);
  expect(server.track().map(({ lat }) => lat)).toEqual([41, 41.001, 41.002]);
  expect(tracker.stats).toMatchObject({ sent: 3, refused: 1 });
  expect(scene.events).toContainEqual(expect.objectContaining({ type: 'refused', code: 'out_of_range' }));
});

test('a batch that is refused as a whole is halved until what is wrong stands alone', async () => {
  const { server, clock } = scene;
  const tooLarge = { status: 413, body: { code: 'too_large', detail: 'Too large.' } };
  const tracker = scene.tracker({ batching: { points: 100, ageMs: MINUTE } });
  await tracker.start();
  await scene.drive(0);
  await clock.until(() => tracker.stats.waiting === 0, 0);
  server.script.push(tooLarge, tooLarge);
  clock.advance(1_000);
  await drive(8);
  await tracker.flush();
  expect(sizes().slice(0, 1)).toEqual([1]);
  expect(JSON.parse(server.posts[1]?.body ?? '').points).toHaveLength(8);
  expect(JSON.parse(server.posts[2]?.body ?? '').points).toHaveLength(4);
  expect(JSON.parse(server.posts[3]?.body ?? '').points).toHaveLength(2);
  expect(server.taken.size).toBe(9);
});

test('a token that is refused is renewed, and the batch sent again', async () => {
  const { server, clock } = scene;
  let made = 0;
  server.refusedTokens.add('token-1');
  const tracker = scene.tracker({ token: () => `token-${++made}` });
  await tracker.start();
  await scene.drive(0);
  await clock.until(() => tracker.stats.waiting === 0, 0);
  expect(server.posts.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
  expect(tracker.stats.sent).toBe(1);
});

test('a long silence coarsens the older half of the track, and says so', async () => {
  const { server, clock } = scene;
  server.script.push(...Array.from({ length: 1_000 }, () => ({ status: 500 })));
  const tracker = scene.tracker({ bufferLimit: 100, batching: { mostPoints: 20 } });
  await tracker.start();
  const begun = clock.now();
  await drive(400);
  expect(tracker.stats.waiting).toBeLessThanOrEqual(100);
  expect(tracker.stats.thinned).toBe(400 - tracker.stats.waiting);
  server.script.length = 0;
  await clock.until(() => tracker.stats.waiting === 0);
  const kept = times(server.track());
  const gaps = kept.slice(1).map((time, index) => time - (kept[index] ?? 0));
  expect(kept[0]).toBe(begun);
  expect(gaps.slice(-30)).toEqual(Array(30).fill(1_000));
  const thinned = scene.events.flatMap((event) => (event.type === 'thinned' ? event.points : []));
  expect(thinned.reduce((sum, points) => sum + points, 0)).toBe(tracker.stats.thinned);
});

test('points of two tasks never share a request', async () => {
  const { server, clock } = scene;
  server.fault = () => ({ status: 500 });
  const first = scene.tracker({ task: 'one' });
  await first.start();
  await drive(3);
  await first.stop();
  const second = scene.tracker({ task: 'two' });
  await second.start();
  await drive(3);
  const failed = () => scene.events.at(-1)?.type === 'waiting';
  scene.events.length = 0;
  await clock.until(failed, 0);
  server.fault = () => undefined;
  await clock.until(() => second.stats.waiting === 0);
  expect(server.track('one')).toHaveLength(3);
  expect(server.track('two')).toHaveLength(3);
});

test('after stopping nothing is told, sent or kept; a start goes on', async () => {
  const { source, server, clock } = scene;
  const tracker = scene.tracker();
  await tracker.start();
  await scene.drive(0);
  await clock.until(() => tracker.stats.waiting === 0, 0);
  await tracker.stop();
  await tracker.stop();
  expect(source.ended).toBe(1);
  await drive(5);
  clock.advance(10 * MINUTE);
  await settle();
  expect(server.posts).toHaveLength(1);
  await tracker.start();
  await scene.drive(1);
  await clock.until(() => server.posts.length === 2);
});
