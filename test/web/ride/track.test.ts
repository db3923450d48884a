import fc from 'fast-check';
import type { Point } from '../../../lambdas/contract/position';
import { stepSpeed, Track } from '../../../web/ride/track';

const START = 1_372_667_894_000;
const at = (seconds: number, more: Partial<Point> = {}): Point => ({
  time: START + seconds * 1_000,
  lat: 41.15,
  lon: -8.6 + seconds * 1e-4,
  ...more,
});
const trackOf = (...points: Point[]) => {
  const track = new Track();
  track.add(points);
  return track;
};
const moment = (track: Track, seconds: number) => track.at(START + seconds * 1_000);

const pointArbitrary = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.double({ min: -8.7, max: -8.5, noNaN: true }))
  .map(([seconds, lon]) => at(seconds, { lon }));

test('points are kept in order of time and each time once, the first that came, however they come', () => {
  fc.assert(
    fc.property(fc.array(fc.array(pointArbitrary, { maxLength: 8 }), { maxLength: 12 }), (batches) => {
      const track = new Track();
      for (const batch of batches) track.add(batch);
      const first = new Map<number, Point>();
      for (const point of batches.flat()) if (!first.has(point.time)) first.set(point.time, point);
      expect(track.points).toEqual([...first.values()].sort((a, b) => a.time - b.time));
    }),
  );
});

test('points from a moment on are replaced, and those before it stay', () => {
  const track = trackOf(at(0), at(10), at(20), at(30));
  track.replaceFrom(at(20).time, [at(20, { lat: 42 }), at(25)]);
  expect(track.points).toEqual([at(0), at(10), at(20, { lat: 42 }), at(25)]);
  track.replaceFrom(0, []);
  expect(track.points).toEqual([]);
});

test('at the time of a point the device is there', () => {
  fc.assert(
    fc.property(fc.array(pointArbitrary, { minLength: 1, maxLength: 30 }), (points) => {
      const track = trackOf(...points);
      for (const { time, lon, lat } of track.points) {
        const [x = 0, y = 0] = track.at(time)?.at ?? [];
        expect(x).toBeCloseTo(lon, 9);
        expect(y).toBeCloseTo(lat, 9);
      }
    }),
  );
});

test('between two points it is on the way, as far as the time is', () => {
  const track = trackOf(at(0), at(10), at(30));
  expect(moment(track, 5)?.at[0]).toBeCloseTo(-8.5995, 9);
  expect(moment(track, 15)?.at[0]).toBeCloseTo(-8.5985, 9);
});

test('before the first point and after the last it stands there', () => {
  const track = trackOf(at(0), at(10));
  expect(moment(track, -100)?.at).toEqual([at(0).lon, 41.15]);
  expect(moment(track, 100)?.at).toEqual([at(10).lon, 41.15]);
  expect(new Track().at(START)).toBeUndefined();
  expect(moment(trackOf(at(3)), 3)?.at).toEqual([at(3).lon, 41.15]);
});

test('the way over the antimeridian is the short one', () => {
  const track = trackOf(at(0, { lon: 179.9 }), at(10, { lon: -179.9 }));
  expect(Math.abs(moment(track, 5)?.at[0] ?? 0)).toBeCloseTo(180, 6);
});

test('speed is what devices say around the moment, else distance over time', () => {
  expect(moment(trackOf(at(0, { speed: 4 }), at(10, { speed: 8 })), 5)?.speed).toBeCloseTo(6, 9);
  // A ten-thousandth of a degree east at 41.15° is 8.374 m.
  expect(moment(trackOf(at(0), at(10)), 5)?.speed).toBeCloseTo(8.374, 2);
  expect(moment(trackOf(at(0), at(10)), 10)?.speed).toBeCloseTo(8.374, 2);
  expect(moment(trackOf(at(0, { speed: 4 }), at(10)), 5)?.speed).toBeCloseTo(8.374, 2);
});

test('the speed of a step is that of its end, as it was reported, where it was', () => {
  expect(stepSpeed(at(0, { speed: 1 }), at(10, { speed: 3 }))).toBe(3);
  expect(stepSpeed(at(0), at(0))).toBeUndefined();
});

test('altitude is told where both points have one', () => {
  expect(moment(trackOf(at(0, { altitude: 100 }), at(10, { altitude: 120 })), 5)?.altitude).toBeCloseTo(110, 9);
  expect(moment(trackOf(at(0, { altitude: 100 }), at(10)), 5)?.altitude).toBeUndefined();
});

test('in a gap of more than three minutes neither speed nor altitude is known', () => {
  const ends = [at(0, { speed: 4, altitude: 1 }), at(181, { speed: 4, altitude: 1 })];
  expect(moment(trackOf(...ends), 90)).toMatchObject({ gap: true, speed: undefined, altitude: undefined });
  expect(moment(trackOf(at(0), at(180)), 90)?.gap).toBe(false);
  expect(stepSpeed(at(0), at(181, { speed: 9 }))).toBeUndefined();
});
