import fc from 'fast-check';
import { correctTrack } from '../../bench/correction/measure';
import { munichDrive } from '../../bench/correction/recorded';
import { drive, errorsOf, receive, START, vehicles } from '../../bench/correction/synthetic';
import type { Position } from '../../lambdas/contract/position';
import { MINUTE_MS } from '../../lambdas/contract/time';
import { CONTEXT_MINUTES, correct, correctMinute, MOST_POINTS } from '../../lambdas/correction/decide';
import { distance } from '../../lambdas/geo/distance';
import { readDataset } from '../../replay/datasets';

const [car, , standing] = vehicles;
if (!car || !standing) throw new Error('The vehicles are missing.');

const mean = (figures: readonly number[]) => figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
const flaws = (points: readonly Position[]) => points.flatMap(({ time, attributes }) => (attributes ? [time] : []));

/** Due north at 15 m/s, a point a second. */
const straight = (seconds: number): Position[] =>
  Array.from({ length: seconds }, (_, index) => ({
    time: START + index * 1_000,
    lat: 48 + (index * 15) / 111_195,
    lon: 11,
  }));

const replaced = (points: readonly Position[], at: number, place: Partial<Position>): Position[] =>
  points.map((point, index) => (index === at ? { ...point, ...place } : point));

/** A trip of the Porto set. */
const taxiTrip = async (trip: string): Promise<Position[]> =>
  (await readDataset('porto')).flatMap(({ task, point }) => (task === trip ? [point] : []));

const anyPoint = fc.record({
  time: fc.integer({ min: START, max: START + 5 * MINUTE_MS - 1 }),
  lat: fc.double({ min: 47.9, max: 48.1, noNaN: true }),
  lon: fc.double({ min: 10.9, max: 11.1, noNaN: true }),
  accuracy: fc.option(fc.double({ min: 0, max: 500, noNaN: true }), { nil: undefined }),
});
const toPosition = ({ accuracy, ...rest }: { time: number; lat: number; lon: number; accuracy: number | undefined }) =>
  accuracy === undefined ? rest : { ...rest, accuracy };

test('each time is kept, once and in order, whatever the points are', () => {
  fc.assert(
    fc.property(fc.array(anyPoint, { maxLength: 60 }), (some) => {
      const points = some.map(toPosition);
      const times = [...new Set(points.map(({ time }) => time))].sort((a, b) => a - b);
      const corrected = correct(points);
      expect(corrected.map(({ time }) => time)).toEqual(times);
      for (const { lat, lon } of corrected) expect(Number.isFinite(lat) && Number.isFinite(lon)).toBe(true);
    }),
  );
});

test('the order of arrival changes nothing, nor does what lies outside the window', () => {
  const { raw } = receive(drive(car, 600, 7), { sigma: 8, remembers: 0, interval: 1 }, 8);
  const minute = START + 5 * MINUTE_MS;
  const expected = correctMinute(minute, raw);
  expect(expected).toHaveLength(60);
  expect(correctMinute(minute, raw.toReversed())).toEqual(expected);
  const near = raw.filter(({ time }) => {
    return time >= minute - CONTEXT_MINUTES * MINUTE_MS && time < minute + (CONTEXT_MINUTES + 1) * MINUTE_MS;
  });
  expect(near.length).toBeLessThan(raw.length);
  expect(correctMinute(minute, near)).toEqual(expected);
});

test('a spike is put back between its neighbours, and said to be one', () => {
  const points = straight(120);
  const corrected = correct(replaced(points, 60, { lat: 48.02, lon: 11.03 }));
  expect(flaws(corrected)).toEqual([START + 60_000]);
  expect(corrected[60]?.attributes).toEqual({ flaw: 'spike' });
  for (const [index, point] of corrected.entries()) expect(distance(point, points[index] ?? point)).toBeLessThan(2);
});

test('a spike that no speed tells is told by its neighbours', () => {
  const points = straight(120);
  const aside = { lat: points[60]?.lat ?? 0, lon: 11 + 50 / 74_400 };
  const corrected = correct(replaced(points, 60, aside));
  expect(flaws(corrected)).toEqual([START + 60_000]);
  expect(distance(corrected[60] ?? aside, { lat: aside.lat, lon: 11 })).toBeLessThan(2);
});

test('a frozen receiver is carried on along the way that it caught up with', () => {
  const points = straight(120);
  const held = points.map((point, index) =>
    index > 40 && index < 75 ? { ...point, lat: points[40]?.lat ?? 0 } : point,
  );
  const corrected = correct(held);
  expect(flaws(corrected)).toEqual(points.slice(41, 75).map(({ time }) => time));
  for (const [index, point] of corrected.entries()) expect(distance(point, points[index] ?? point)).toBeLessThan(5);
});

test('a stop is no freeze', () => {
  const { raw } = receive(drive(car, 900, 3), { sigma: 0, remembers: 0, interval: 1 }, 1);
  expect(flaws(correct(raw.slice(0, 300)))).toEqual([]);
});

test('points that go on from another place stay there: lost samples are no spike', () => {
  const points = straight(120).map((point, index) => (index < 60 ? point : { ...point, lon: 11.05 }));
  const corrected = correct(points);
  expect(flaws(corrected)).toEqual([]);
  for (const [index, point] of corrected.entries()) expect(distance(point, points[index] ?? point)).toBeLessThan(2);
});

test('jitter at rest is stilled', () => {
  const { raw, truth } = receive(drive(standing, 300, 1), { sigma: 10, remembers: 0, interval: 1 }, 2);
  const corrected = correct(raw);
  expect(mean(errorsOf(raw, truth))).toBeGreaterThan(10);
  expect(mean(errorsOf(corrected, truth))).toBeLessThan(2);
  expect(Math.max(...corrected.map(({ speed = 0 }) => speed))).toBeLessThan(0.2);
});

test.each([5, 10, 20, 50])('a drive seen with %d m of noise is nearer to the truth corrected', (sigma) => {
  const { raw, truth } = receive(drive(car, 300, 11), { sigma, remembers: 0, interval: 1 }, 12);
  expect(mean(errorsOf(correct(raw), truth))).toBeLessThan(0.7 * mean(errorsOf(raw, truth)));
});

test('a drive seen without noise stays where it is', () => {
  const { raw, truth } = receive(drive(car, 300, 11), { sigma: 0, remembers: 0, interval: 1 }, 12);
  expect(mean(errorsOf(correct(raw), truth))).toBeLessThan(0.5);
  expect(Math.max(...errorsOf(correct(raw), truth))).toBeLessThan(3);
});

test('a point that the device doubts weighs less than its neighbours', () => {
  const points = straight(120).map((point) => ({ ...point, accuracy: 5 }));
  const doubted = replaced(points, 60, { lon: 11 + 20 / 74_400, accuracy: 100 });
  const [plain, weighed] = [correct(replaced(points, 60, { lon: 11 + 20 / 74_400 })), correct(doubted)];
  expect(Math.abs((weighed[60]?.lon ?? 0) - 11)).toBeLessThan(Math.abs((plain[60]?.lon ?? 0) - 11));
});

test('a late point changes what is made of its neighbours', () => {
  const { raw } = receive(drive(car, 300, 5), { sigma: 10, remembers: 0, interval: 5 }, 6);
  const minute = START + 2 * MINUTE_MS;
  const without = raw.filter(({ time }) => time !== minute + 30_000);
  const late = correctMinute(minute, raw).filter(({ time }) => time !== minute + 30_000);
  expect(late).not.toEqual(correctMinute(minute, without));
});

test('a device at rest on the antimeridian is stilled as anywhere', () => {
  const points = straight(120).map(({ time }, index) => {
    const lon = 180 + (((index * 7_919) % 13) - 6) / 50_000;
    return { time, lat: 0, lon: lon > 180 ? lon - 360 : lon };
  });
  for (const point of correct(points)) expect(distance(point, { lat: 0, lon: 180 })).toBeLessThan(2);
});

test('a jump for good that is no leap either is not smoothed across', () => {
  const points = straight(120).map((point, index) => ({
    ...point,
    lat: 48 + (index * 30 + (index < 60 ? 0 : 65)) / 111_195,
  }));
  for (const [index, point] of correct(points).entries())
    expect(distance(point, points[index] ?? point)).toBeLessThan(2);
});

test('a leap over lost samples does not have the other points doubted', async () => {
  const trip = await taxiTrip('1372666150620000180');
  const corrected = correctTrack(trip);
  const steps = trip.slice(1).map((point, index) => distance(point, trip[index] ?? point));
  expect(Math.max(...steps)).toBeGreaterThan(500);
  for (const [index, point] of corrected.entries()) expect(distance(point, trip[index] ?? point)).toBeLessThan(20);
});

test.each([0, 5, 10])('points too far apart to tell turns from %d m of noise stay where they are', (sigma) => {
  const figures = [31, 32, 33, 34].map((seed) => {
    const { raw, truth } = receive(drive(car, 300, seed), { sigma, remembers: 0, interval: 15 }, seed);
    return { raw: mean(errorsOf(raw, truth)), corrected: mean(errorsOf(correct(raw), truth)) };
  });
  const [raw, corrected] = [mean(figures.map(({ raw }) => raw)), mean(figures.map(({ corrected }) => corrected))];
  expect(corrected).toBeLessThan(raw + 0.2);
});

test('the recorded spike of a taxi is put back on its way', async () => {
  const trip = await taxiTrip('1372667894620000589');
  const corrected = correctTrack(trip);
  const steps = (points: readonly Position[]) =>
    points.slice(1).map((point, index) => distance(point, points[index] ?? point));
  expect(Math.max(...steps(trip))).toBeGreaterThan(2_300);
  expect(corrected.map(({ time }) => time)).toEqual(trip.map(({ time }) => time));
  expect(flaws(corrected)).toEqual([trip[27]?.time]);
  expect(Math.max(...steps(corrected))).toBeLessThan(300);
});

test('the recorded freeze of a car is spread along its way', async () => {
  const raw = await munichDrive('001');
  const corrected = correctTrack(raw);
  expect(flaws(corrected)).toEqual(raw.slice(586, 619).map(({ time }) => time));
  const around = corrected.slice(580, 625);
  for (const [index, point] of around.slice(1).entries()) {
    expect(distance(point, around[index] ?? point)).toBeLessThan(20);
  }
});

test('a lone point stays as it is, without its free attributes', () => {
  const point = { time: START, lat: 48, lon: 11, accuracy: 4, speed: 3, heading: 90, altitude: 520 };
  expect(correct([{ ...point, attributes: { occupied: true } }])).toEqual([point]);
  expect(correct([])).toEqual([]);
});

test('a window of too many points is left as it is', () => {
  const points = Array.from({ length: MOST_POINTS + 1 }, (_, index) => ({
    time: START + index,
    lat: 48 + (index % 7) / 1e5,
    lon: 11,
  }));
  expect(correctMinute(START, points)).toEqual(points);
});
