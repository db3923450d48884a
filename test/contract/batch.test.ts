import fc from 'fast-check';
import { decodeBatch, encodeBatch, packPoint } from '../../lambdas/contract/batch';
import { batches, START } from '../tracks/arbitraries';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const good = { v: 1, device: 'd', task: 't', at: START, points: [[START, 1, 2]] };

test('a batch comes back as it went, into a record of JSON', () => {
  fc.assert(
    fc.property(batches(), (list) => {
      for (const batch of list) expect(decodeBatch(encodeBatch(batch))).toEqual(batch);
    }),
  );
});

test('a point takes no room for what is unknown at its end', () => {
  expect(packPoint({ time: 5, lat: 1, lon: 2 })).toEqual([5, 1, 2]);
  expect(packPoint({ time: 5, lat: 1, lon: 2, heading: 0 })).toEqual([5, 1, 2, null, null, 0]);
  expect(packPoint({ time: 5, lat: 1, lon: 2, attributes: { on: true } })).toHaveLength(8);
});

test('five points with speed and heading stay within the kilobyte that a record is billed by', () => {
  const points = Array.from({ length: 5 }, (_, index) => ({
    time: START + index * 4_000,
    lat: -41.1234567,
    lon: -108.7654321,
    speed: 12.34,
    heading: 271.5,
  }));
  const batch = { device: 'taxi-20000589', task: '1372636858620000589', by: 'feeder-1', at: START, points };
  expect(encodeBatch(batch).byteLength).toBeLessThanOrEqual(1_024);
});

test.each([
  ['no JSON', new TextEncoder().encode('{')],
  ['another version', bytes({ ...good, v: 2 })],
  ['no device', bytes({ ...good, device: undefined })],
  ['a device that is no id', bytes({ ...good, device: 'a#b' })],
  ['no points', bytes({ ...good, points: [] })],
  ['a point without a longitude', bytes({ ...good, points: [[START, 1]] })],
  ['a point with too much', bytes({ ...good, points: [[START, 1, 2, 3, 4, 5, 6, {}, 8]] })],
  ['a latitude beyond the pole', bytes({ ...good, points: [[START, 91, 2]] })],
  ['a time that is not whole', bytes({ ...good, points: [[START + 0.5, 1, 2]] })],
  ['a speed that is text', bytes({ ...good, points: [[START, 1, 2, null, 'fast']] })],
])('a record with %s is not a batch', (_, data) => {
  expect(() => decodeBatch(data)).toThrow();
});

test('a record that is a batch is read', () => {
  expect(decodeBatch(bytes(good))).toMatchObject({ device: 'd', points: [{ time: START, lat: 1, lon: 2 }] });
});

test('a batch says whether its points are stored already', () => {
  const batch = { device: 'd', task: 't', at: START, points: [{ time: START, lat: 1, lon: 2 }] };
  expect(decodeBatch(encodeBatch({ ...batch, stored: true }))).toEqual({ ...batch, stored: true });
  expect(() => decodeBatch(bytes({ ...good, stored: false }))).toThrow();
});
