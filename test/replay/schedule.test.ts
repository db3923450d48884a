import fc from 'fast-check';
import { limits } from '../../lambdas/contract/limits';
import { type Recorded, readDataset } from '../../replay/datasets';
import { loopbackAddress } from '../../replay/reporters';
import { type Anchor, datedAt, dueAt, dueTick, toBatches } from '../../replay/schedule';

const point = (time: number, device = 'a', task = 't'): Recorded => ({ device, task, point: { time, lat: 1, lon: 2 } });

const recordedSet = fc
  .array(fc.tuple(fc.nat(100_000), fc.constantFrom('a', 'b', 'c')), { maxLength: 200 })
  .map((points) => points.sort(([a], [b]) => a - b).map(([time, device]) => point(time, device)));

test('ticks one after the other send every point once, in order, none before it is due', () => {
  fc.assert(
    fc.property(recordedSet, fc.integer({ min: 1, max: 100 }), (set, speed) => {
      const anchor: Anchor = { recorded: 0, now: 1_000, speed, intervals: 'live' };
      const sent: Recorded[] = [];
      let start = 0;
      for (let now = 1_000; now < 102_000; now += 250) {
        const tick = dueTick(set, start, anchor, now);
        for (const { point } of tick.points) expect(dueAt(anchor, point.time)).toBeLessThanOrEqual(now);
        sent.push(...tick.points);
        start = tick.next;
      }
      expect(sent).toEqual(set);
    }),
  );
});

test('a tick is no larger than one request may be', () => {
  const many = Array.from({ length: 3_000 }, (_, index) => point(index, `d${index % 700}`));
  const anchor: Anchor = { recorded: 0, now: 0, speed: 1, intervals: 'live' };
  const { points } = dueTick(many, 0, anchor, 1e12);
  expect(points.length).toBeLessThanOrEqual(limits.pointsPerRequest);
  expect(toBatches(points, anchor).length).toBe(limits.devicesPerRequest);
});

test('live intervals date a point at the moment it is due; kept ones keep the recorded spacing', () => {
  const live: Anchor = { recorded: 10_000, now: 500_000, speed: 10, intervals: 'live' };
  expect(datedAt(live, 25_000)).toBe(501_500);
  expect(datedAt(live, 25_000)).toBe(dueAt(live, 25_000));
  expect(datedAt({ ...live, intervals: 'keep' }, 25_000)).toBe(515_000);
});

test('each device reports from a loopback address of its own', () => {
  const addresses = Array.from({ length: 20_000 }, (_, index) => loopbackAddress(index));
  expect(new Set(addresses).size).toBe(20_000);
  expect(addresses).not.toContain('127.0.0.1');
});

test('the Porto morning has the points and taxis that its source counts', async () => {
  const set = await readDataset('porto');
  expect(set.length).toBe(47_304);
  expect(new Set(set.map(({ device }) => device)).size).toBe(308);
  expect(new Date(set[0]?.point.time ?? 0).toISOString()).toBe('2013-07-01T00:00:53.000Z');
});

test('the Austin sets have the points and buses that their source counts', async () => {
  const sunday = await readDataset('austin-2015');
  expect([sunday.length, new Set(sunday.map(({ device }) => device)).size]).toEqual([53_569, 146]);
  const tuesday = await readDataset('austin-2017');
  expect([tuesday.length, new Set(tuesday.map(({ device }) => device)).size]).toEqual([44_300, 320]);
  expect(tuesday.filter(({ point }) => point.lat === 0 && point.lon === 0).length).toBe(22);
});
