import fc from 'fast-check';
import type { PositionBatch } from '../../../lambdas/contract/batch';
import { acceptCommand, readLatest } from '../../../lambdas/contract/hot/latest';
import { readTail, tailLimits } from '../../../lambdas/contract/hot/tail';
import { connectValkey, type Valkey } from '../../../lambdas/platform/valkey';
import { startValkey, type TestValkey } from './valkey';

const NOW = Date.UTC(2026, 6, 1);
jest.setTimeout(120_000);

let server: TestValkey;
let valkey: Valkey;
let devices = 0;

beforeAll(async () => {
  server = await startValkey();
  valkey = connectValkey(server.environment, { commandTimeoutMs: 5_000 });
});
afterAll(() => server.stop());

const newDevice = () => `taxi-${++devices}`;
const batch = (device: string, times: number[], more: Partial<PositionBatch> = {}): PositionBatch => ({
  device,
  task: 'trip',
  at: NOW,
  points: times.map((time) => ({ time, lat: 41.1, lon: -8.6, speed: time % 100 })),
  ...more,
});
const accept = (...batches: PositionBatch[]) => valkey.run(batches.flatMap(acceptCommand));

test('in any order of arrival, the latest position is the newest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }), async (times) => {
      const device = newDevice();
      await Promise.all(times.map((time) => accept(batch(device, [NOW + time]))));
      const latest = (await readLatest(valkey, [device])).get(device);
      expect(latest?.position.time).toBe(NOW + Math.max(...times));
    }),
    { numRuns: 50 },
  );
});

test('of two positions of one time the first stays, with its task and reporter', async () => {
  const device = newDevice();
  await accept(batch(device, [NOW], { task: 'first', by: 'feed' }), batch(device, [NOW], { task: 'second' }));
  const latest = (await readLatest(valkey, [device, 'nobody'])).get(device);
  expect(latest).toEqual({
    device,
    task: 'first',
    by: 'feed',
    position: { time: NOW, lat: 41.1, lon: -8.6, speed: 0 },
  });
});

test('a newer position of the device’s own takes the feeder’s name away', async () => {
  const device = newDevice();
  await accept(batch(device, [NOW], { by: 'feed' }), batch(device, [NOW + 1]));
  expect((await readLatest(valkey, [device])).get(device)).not.toHaveProperty('by');
});

test('attributes come back as they were sent', async () => {
  const device = newDevice();
  const point = { time: NOW, lat: 1, lon: 2, altitude: 3, attributes: { note: 'São João “25”', occupied: true } };
  await accept(batch(device, [], { points: [point] }));
  expect((await readLatest(valkey, [device])).get(device)?.position).toEqual(point);
});

test('the latest position goes after an hour without a newer one', async () => {
  const device = newDevice();
  await accept(batch(device, [NOW]));
  const [ttl] = await valkey.run([['PTTL', `latest:{${device}}`]]);
  expect(ttl).toBeGreaterThan(3_590_000);
  expect(ttl).toBeLessThanOrEqual(3_600_000);
});

test('the tail holds accepted batches in order, late ones too', async () => {
  const device = newDevice();
  const batches = [batch(device, [NOW, NOW + 1]), batch(device, [NOW - 3_600_000], { task: 'yesterday', by: 'feed' })];
  await accept(...batches);
  expect(await readTail(valkey, device)).toEqual(batches);
  expect(await readTail(valkey, 'nobody')).toEqual([]);
});

test('what was accepted too long ago leaves the tail', async () => {
  const device = newDevice();
  await accept(batch(device, [NOW]), batch(device, [NOW + 1], { at: NOW + 1 }));
  await accept(batch(device, [NOW + 2], { at: NOW + tailLimits.ttlMs }));
  const kept = await readTail(valkey, device);
  expect(kept.map(({ at }) => at)).toEqual([NOW + 1, NOW + tailLimits.ttlMs]);
});

test('the tail is bounded in batches', async () => {
  const device = newDevice();
  for (let i = 0; i < 12; i++) {
    await accept(...Array.from({ length: 100 }, (_, j) => batch(device, [NOW + 100 * i + j])));
  }
  const kept = await readTail(valkey, device);
  expect(kept).toHaveLength(tailLimits.entries);
  expect(kept.at(-1)?.points[0]?.time).toBe(NOW + 1_199);
});

test('the tail is bounded in bytes, but for a single batch', async () => {
  const device = newDevice();
  const large = (at: number) =>
    batch(device, [], {
      at,
      points: Array.from({ length: 400 }, (_, i) => ({
        time: NOW + i,
        lat: 1,
        lon: 2,
        attributes: { a: 'x'.repeat(250), b: 'y'.repeat(240) },
      })),
    });
  for (let i = 0; i < 5; i++) await accept(large(NOW + i));
  const kept = await readTail(valkey, device);
  expect(kept.map(({ at }) => at)).toEqual([NOW + 3, NOW + 4]);
  const [bytes, ...entries] = await valkey.run([
    ['GET', `tailsize:{${device}}`],
    ['LRANGE', `tail:{${device}}`, 0, -1],
  ]);
  expect(Number(bytes)).toBe(Buffer.byteLength(entries.flat().join('')));
});
