import type { Point } from '../../client/src/point';
import { openScene, type Scene } from './harness';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const MINUTE = 60_000;
const times = (points: readonly Point[]) => points.map(({ time }) => time);

test('a device with a wrong clock reports by the server’s time from its first request on', async () => {
  const { server, clock } = scene;
  clock.wrongBy = -2 * 60 * MINUTE;
  const tracker = scene.tracker({ batching: { points: 2 } });
  await tracker.start();
  const truth = clock.truth;
  await scene.drive(0);
  await clock.until(() => tracker.stats.waiting === 0, 0);
  expect(times(server.track())).toEqual([truth]);
});

test('a device whose clock is set wrong on the way goes on reporting true times', async () => {
  const { server, clock } = scene;
  const tracker = scene.tracker({ batching: { points: 1 } });
  await tracker.start();
  await scene.drive(0);
  await clock.until(() => tracker.stats.waiting === 0, 0);
  clock.wrongBy = 30 * MINUTE;
  clock.advance(1_000);
  const truth = clock.truth;
  await scene.drive(1e-4);
  await clock.until(() => tracker.stats.waiting === 0, 0);
  expect(times(server.track()).at(-1)).toBe(truth);
  expect(tracker.stats.refused).toBe(0);
});

test('satellite time is right, whatever the device’s clock says', async () => {
  const { server, clock, source } = scene;
  clock.wrongBy = 10 * MINUTE;
  const tracker = scene.tracker();
  await tracker.start();
  const truth = clock.truth;
  await source.tell({ time: truth, lat: 41, lon: -8 });
  await clock.until(() => tracker.stats.waiting === 0, 0);
  expect(times(server.track())).toEqual([truth]);
});
