import fc from 'fast-check';
import { directWrites } from '../../client/src/direct';
import { encodePoint, toUpdates } from '../../client/src/direct-row';
import type { Point } from '../../client/src/point';
import type { DirectWrite } from '../../lambdas/contract/credentials';
import { directWriteSchema } from '../../lambdas/contract/credentials';
import { decodePoint, minuteKey, pointName } from '../../lambdas/contract/track-row';
import { openScene, type Scene } from './harness';
import { MemoryServer } from './server';

const row: DirectWrite['row'] = {
  partitionKey: { name: 'track', value: 'rider-1#ride' },
  sortKey: { name: 'minute', prefix: 'r', digits: 8 },
  expires: { name: 'expires', secondsAfterMinute: 1_000 },
  point: { prefix: 'p' },
  pointsPerUpdate: 100,
  updateExpression: '',
};
const figure = fc.option(fc.integer({ min: 0, max: 360 }), { nil: undefined });
const pointArbitrary: fc.Arbitrary<Point> = fc
  .record({
    time: fc.integer({ min: 1.7e12, max: 1.7e12 + 120_000 }),
    lat: fc.integer({ min: -90e6, max: 90e6 }).map((micro) => micro / 1e6),
    lon: fc.integer({ min: -180e6, max: 180e6 }).map((micro) => micro / 1e6),
    accuracy: figure,
    speed: figure,
    heading: figure,
    altitude: figure,
    attributes: fc.option(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.boolean()), { nil: undefined }),
  })
  .map((point) => JSON.parse(JSON.stringify(point)));

test('a row’s points read back as they were', () => {
  fc.assert(
    fc.property(pointArbitrary, (point) => {
      expect(decodePoint(point.time, encodePoint(point))).toEqual(point);
    }),
  );
});

test('each point is in one update of its minute, under its name, and no update has too many', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(pointArbitrary, { selector: ({ time }) => time, minLength: 20, maxLength: 40 }),
      (points) => {
        const inOrder = points.sort((a, b) => a.time - b.time);
        const updates = toUpdates('tracks', { ...row, pointsPerUpdate: 7 }, inOrder).map((body) => JSON.parse(body));
        const written = updates.flatMap(({ Key, UpdateExpression, ExpressionAttributeValues: values }) => {
          const sets = [...UpdateExpression.matchAll(/(p\d+) = if_not_exists\((p\d+), (:\d+)\)/g)];
          expect(sets.length).toBeLessThanOrEqual(7);
          return sets.map(([, name, same, value]) => [Key.minute.S, name, name === same, values[value].S]);
        });
        expect(written).toEqual(
          inOrder.map((point) => [minuteKey(point.time), pointName(point.time), true, encodePoint(point)]),
        );
      },
    ),
  );
});

const MINUTE = 60_000;
let scene: Scene;
let table: MemoryServer;
let issued: number;
/** What the table answers; 200 where nothing is said. */
let denied: { status: number; body: object } | undefined;
const ways: string[] = [];

beforeEach(async () => {
  scene = await openScene();
  table = await MemoryServer.open(() => scene.clock.truth);
  issued = 0;
  denied = undefined;
  ways.length = 0;
  table.routes.set('/', () => denied ?? { status: 200, body: {} });
  scene.server.routes.set('/v1/credentials', () => ({ status: 201, body: access() }));
});
afterEach(async () => {
  await scene.close();
  await table.close();
});

/** Credentials for a quarter of an hour, to be renewed half-way. */
function access(): DirectWrite {
  issued += 1;
  const now = scene.clock.truth;
  return directWriteSchema.parse({
    credentials: { accessKeyId: `key-${issued}`, secretAccessKey: 'secret', sessionToken: 'session' },
    expiresAt: now + 15 * MINUTE,
    renewAt: now + 7 * MINUTE,
    region: 'eu-central-1',
    endpoint: table.url,
    table: 'tracks',
    row,
    futureToleranceMs: 120_000,
    serverTime: now,
  });
}

const direct = () => directWrites({ onWay: (way) => ways.push(way) });

async function started() {
  const tracker = scene.tracker({ task: 'ride', direct: direct(), batching: { points: 1 } });
  await tracker.start();
  return tracker;
}

/** Tells a place and waits until it has gone. */
async function report(tracker: { stats: { waiting: number } }, stepMs = 0): Promise<void> {
  scene.clock.advance(1_000);
  await scene.drive((scene.clock.now() % 1e7) * 1e-9);
  await scene.clock.until(() => tracker.stats.waiting === 0, stepMs);
}

test('points go straight into the table, and none by the API', async () => {
  const tracker = await started();
  for (let each = 0; each < 3; each++) await report(tracker);
  expect(ways).toEqual(['direct', 'direct', 'direct']);
  expect(scene.server.posts).toEqual([]);
  expect(table.came).toHaveLength(3);
  expect(issued).toBe(1);
  expect(tracker.stats.sent).toBe(3);
});

test('credentials are renewed before they end, and used until then where that fails', async () => {
  const tracker = await started();
  await report(tracker);
  scene.server.routes.set('/v1/credentials', () => ({ status: 500 }));
  scene.clock.advance(8 * MINUTE);
  await report(tracker);
  expect(ways).toEqual(['direct', 'direct']);
  scene.server.routes.set('/v1/credentials', () => ({ status: 201, body: access() }));
  scene.clock.advance(2 * MINUTE);
  await report(tracker);
  expect(issued).toBe(2);
  expect(ways).toEqual(['direct', 'direct', 'direct']);
});

test('where the table refuses, points go by the API, and straight again once it takes them', async () => {
  const tracker = await started();
  await report(tracker);
  denied = { status: 400, body: { __type: 'com.amazon.coral.service#AccessDeniedException' } };
  await report(tracker);
  expect(ways).toEqual(['direct', 'api']);
  denied = undefined;
  scene.clock.advance(5 * MINUTE);
  await report(tracker);
  expect(ways).toEqual(['direct', 'api', 'direct']);
  expect(issued).toBe(2);
});

test('with the API away the device goes on writing, and its credentials outlast it for a while', async () => {
  const tracker = await started();
  await report(tracker);
  scene.server.fault = () => ({ status: 202, cut: true });
  scene.server.routes.set('/v1/credentials', () => ({ status: 202, cut: true }));
  for (let minute = 0; minute < 10; minute++) {
    scene.clock.advance(MINUTE);
    await report(tracker);
  }
  expect(new Set(ways)).toEqual(new Set(['direct']));
  expect(tracker.stats).toMatchObject({ sent: 11, waiting: 0 });
});

test('a task that is not known yet is reported by the API first', async () => {
  scene.server.routes.set('/v1/credentials', () => ({ status: 404, body: { code: 'task_not_found' } }));
  const tracker = await started();
  await report(tracker);
  scene.server.routes.set('/v1/credentials', () => ({ status: 201, body: access() }));
  scene.clock.advance(MINUTE);
  await report(tracker);
  expect(ways).toEqual(['api', 'direct']);
});

test.each([
  ['a latitude of 95°', { lat: 95 }],
  ['a time ahead', { ahead: 10 * MINUTE }],
  ['large attributes', { attributes: { text: 'x'.repeat(600) } }],
])('%s is left to the API to judge', async (_, { ahead = 0, ...odd }: { ahead?: number; [name: string]: unknown }) => {
  const tracker = await started();
  await report(tracker);
  scene.clock.advance(1_000);
  await scene.source.tell({ time: scene.clock.now() + ahead, lat: 41, lon: -8, ...odd });
  await scene.clock.until(() => tracker.stats.waiting === 0, 0);
  expect(ways).toEqual(['direct', 'api']);
  expect(table.came).toHaveLength(1);
});

test('points without a task, and of another datum, go by the API', async () => {
  const tracker = scene.tracker({ direct: direct(), coordinateSystem: 'wgs84' });
  await tracker.start();
  await report(tracker);
  expect(ways).toEqual(['api']);
  await tracker.stop();
  const chinese = scene.tracker({ task: 'ride', direct: direct(), coordinateSystem: 'gcj02' });
  await chinese.start();
  await report(chinese);
  expect(ways).toEqual(['api']);
  expect(scene.server.posts).toHaveLength(2);
});
