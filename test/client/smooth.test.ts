import fc from 'fast-check';
import type { Frame, VehiclePosition } from '../../client/src/live';
import { metresBetween } from '../../client/src/point';
import { Smooth } from '../../client/src/smooth';

const at = (time: number, lon: number, vehicle = 'taxi'): VehiclePosition => ({ vehicle, time, lat: 0, lon });
const frame = (...positions: VehiclePosition[]): Frame => ({ type: 'positions', positions, left: [] });
const snapshot = (...positions: VehiclePosition[]): Frame => ({ type: 'snapshot', positions, left: [] });
const lonOf = (smooth: Smooth, now: number) => smooth.at(now)[0]?.lon ?? Number.NaN;

test('a vehicle moves evenly from one report to the next, in the time between them', () => {
  const smooth = new Smooth();
  smooth.apply(snapshot(at(0, 0)), 100);
  smooth.apply(frame(at(4_000, 0.001)), 4_100);
  expect(lonOf(smooth, 4_100)).toBe(0);
  expect(lonOf(smooth, 6_100)).toBeCloseTo(0.0005, 9);
  expect(lonOf(smooth, 8_100)).toBeCloseTo(0.001, 9);
  expect(smooth.at(8_100)[0]?.heading).toBeCloseTo(90, 6);
});

test('nothing drawn ever jumps, whenever frames come', () => {
  const step = fc.record({ wait: fc.integer({ min: 1, max: 9_000 }), move: fc.integer({ min: 0, max: 200 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const smooth = new Smooth();
      smooth.apply(snapshot(at(0, 0)), 0);
      let [now, lon, before] = [0, 0, 0];
      for (const { wait, move } of steps) {
        now += wait;
        const drawn = lonOf(smooth, now);
        lon += move * 1e-6;
        smooth.apply(frame(at(now, lon)), now);
        expect(lonOf(smooth, now)).toBeCloseTo(drawn, 12);
        expect(drawn).toBeGreaterThanOrEqual(before - 1e-12);
        before = drawn;
      }
      expect(lonOf(smooth, now + 30_000)).toBeCloseTo(lon, 9);
    }),
  );
});

test('who crosses the antimeridian takes the short way', () => {
  const smooth = new Smooth();
  smooth.apply(snapshot(at(0, 179.9999)), 0);
  smooth.apply(frame(at(2_000, -179.9999)), 2_000);
  const [drawn] = smooth.at(3_000);
  expect(metresBetween(drawn ?? { lat: 0, lon: 0 }, { lat: 0, lon: 180 })).toBeLessThan(1);
});

test('a jump is not driven, a late position changes nothing, who left is gone', () => {
  const smooth = new Smooth();
  smooth.apply(snapshot(at(0, 0), at(0, 1, 'bus')), 0);
  smooth.apply(frame(at(4_000, 0.5)), 4_000);
  expect(lonOf(smooth, 4_000)).toBe(0.5);
  smooth.apply(frame(at(3_000, 0.2)), 4_500);
  expect(lonOf(smooth, 9_000)).toBe(0.5);
  smooth.apply({ type: 'positions', positions: [], left: ['bus'] }, 5_000);
  expect(smooth.at(5_000).map(({ vehicle }) => vehicle)).toEqual(['taxi']);
  smooth.apply(snapshot(), 6_000);
  expect(smooth.at(6_000)).toEqual([]);
});

test('names are forgotten when they end, newer ones kept', () => {
  const smooth = new Smooth();
  smooth.apply({ ...snapshot(at(900, 0, 'old')), names: { until: 1_000, everyMs: 500 } }, 0);
  smooth.apply(frame(at(1_100, 0, 'new')), 0);
  smooth.expire(999);
  expect(smooth.at(0)).toHaveLength(2);
  smooth.expire(1_200);
  expect(smooth.at(0).map(({ vehicle }) => vehicle)).toEqual(['new']);
  smooth.expire(1_600);
  expect(smooth.at(0)).toEqual([]);
});
