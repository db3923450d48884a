import fc from 'fast-check';
import type { Position } from '../../lambdas/contract/position';
import { packIntegers, unpackIntegers } from '../../lambdas/rides/integers';
import { isSpike, type Sample, stepBetween, toSamples } from '../../lambdas/rides/sample';
import { toStatistics } from '../../lambdas/rides/statistics';
import { mergeSummaries, type Summary, summarizeMinute } from '../../lambdas/rides/summary';
import { decodeSummary, encodeSummary } from '../../lambdas/rides/summary-codec';
import { recompute } from './oracle';
import { byMinute, portoTracks, START, tracks } from './tracks';

type Stretch = Summary | undefined;

const minutesOf = (points: readonly Position[]): Stretch[] => byMinute(points).map(summarizeMinute);
const stored = (summary: Stretch): Stretch => summary && decodeSummary(encodeSummary(summary));

/** Puts neighbours together in whatever grouping, each result stored and read back in between. */
function fold(stretches: readonly Stretch[], choices: readonly number[]): Stretch {
  const left = [...stretches];
  for (let turn = 0; left.length > 1; turn += 1) {
    const at = (choices[turn % choices.length] ?? 0) % (left.length - 1);
    left.splice(at, 2, stored(mergeSummaries(left[at], left[at + 1])));
  }
  return left[0];
}

function places(polyline: string): [number, number][] {
  let [lat, lon] = [0, 0];
  const values = unpackIntegers(polyline);
  return values.flatMap((value, i) => {
    if (i % 2 === 0) return [];
    lat += values[i - 1] ?? 0;
    lon += value;
    return [[lat, lon] as [number, number]];
  });
}

/** Compares with the oracle, which adds fractions: what is rounded may differ in its last digit. */
function expectFigures(summary: Stretch, points: readonly Position[]): void {
  const found = summary && toStatistics(summary);
  if (found === undefined) throw new Error('no statistics');
  const { polyline, ...figures } = found;
  const { places: expected, distance, averageSpeed, maximumSpeed, ascent, descent, ...rest } = recompute(points);
  expect(places(polyline)).toEqual(expected);
  expect(figures).toMatchObject(rest);
  const near = (value: number, digits: number) => expect.closeTo(value, digits);
  expect(figures).toMatchObject({ distance: near(distance, 0), averageSpeed: near(averageSpeed, 1) });
  expect(figures.maximumSpeed).toBeCloseTo(maximumSpeed, 1);
  expect(figures.ascent === undefined).toBe(ascent === undefined);
  if (ascent !== undefined) expect(figures).toMatchObject({ ascent: near(ascent, 4), descent: near(descent, 4) });
}

const choices = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 30 });

test('however minutes are grouped, their summaries make the figures of a full recomputation', () => {
  fc.assert(
    fc.property(tracks, choices, (points, order) => expectFigures(fold(minutesOf(points), order), points)),
    { numRuns: 300 },
  );
});

test('a grouping makes no difference at all: what is stored is the same text', () => {
  fc.assert(
    fc.property(tracks, choices, choices, (points, one, other) => {
      const texts = [one, other]
        .map((order) => fold(minutesOf(points), order))
        .map((each) => each && encodeSummary(each));
      expect(texts[0]).toBe(texts[1]);
    }),
  );
});

test('trips of Porto’s taxis have the figures of a full recomputation', async () => {
  for (const points of await portoTracks(60)) expectFigures(fold(minutesOf(points), [7, 0, 31, 2]), points);
});

test('of the 108 steps of Porto’s taxis that no taxi drives, ten are left without spikes', async () => {
  const fast = (samples: readonly Sample[]) =>
    samples.slice(1).filter((b, i) => stepBetween(samples[i] ?? b, b).speed > 55_000).length;
  const all = (await portoTracks(1_000)).map(toSamples);
  const kept = all.map((samples) => samples.filter((_, index) => !isSpike(samples, index)));
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  expect(sum(all.map(fast))).toBe(108);
  expect(sum(kept.map(fast))).toBe(10);
  expect(sum(all.map(({ length }) => length)) - sum(kept.map(({ length }) => length))).toBe(111);
});

test('a summary stays small however long the ride', () => {
  const points = Array.from({ length: 30_000 }, (_, i) => ({
    time: START + i * 1_000,
    lat: 41 + Math.sin(i / 900) / 10,
    lon: -8.6 + Math.cos(i / 700) / 10,
    altitude: 50 + 30 * Math.sin(i / 500),
  }));
  const whole = fold(minutesOf(points), [0]);
  if (whole === undefined) throw new Error('no summary');
  expect(encodeSummary(whole).length).toBeLessThan(860);
  expect(toStatistics(whole)?.polyline.length).toBeLessThan(600);
});

const point = (seconds: number, lat: number, lon: number, more: Partial<Position> = {}): Position => ({
  time: START + seconds * 1_000,
  lat,
  lon,
  ...more,
});
const figures = (points: Position[]) => {
  const summary = fold(minutesOf(points), [0]);
  return summary && toStatistics(summary);
};

test('a spike counts neither as distance nor as speed, nor does it widen the box', () => {
  const ride = [0, 15, 30, 45, 60].map((second) => point(second, 41 + second / 1e5, -8.6));
  const clean = figures(ride);
  const spiked = figures([...ride.slice(0, 2), point(22, 41.02, -8.6), ...ride.slice(2)]);
  expect(spiked).toEqual({ ...clean, points: 6, spikes: 1 });
});

test('four points together that jump away and back are spikes too; five are a place', () => {
  const ride = (strayed: readonly number[]) =>
    Array.from({ length: 20 }, (_, i) => point(i * 15, strayed.includes(i) ? 41.05 : 41 + i / 1e4, -8.6));
  const clean = figures(ride([]));
  expect(figures(ride([8, 9, 10, 11]))).toMatchObject({
    spikes: 4,
    distance: clean?.distance,
    boundingBox: clean?.boundingBox,
  });
  expect(figures(ride([1, 2]))).toMatchObject({ spikes: 2, maximumSpeed: clean?.maximumSpeed });
  expect(figures(ride([8, 9, 10, 11, 12]))).toMatchObject({ spikes: 0, maximumSpeed: clean?.maximumSpeed });
});

test('a receiver that freezes and then jumps makes no maximum speed', () => {
  const frozen = Array.from({ length: 34 }, (_, second) => point(second, 41, -8.6));
  const after = Array.from({ length: 10 }, (_, second) => point(34 + second, 41.0042 + second / 1e4, -8.6));
  expect(figures([...frozen, ...after])).toMatchObject({ maximumSpeed: expect.closeTo(11.1, 0), spikes: 0 });
});

test('a box over the antimeridian stays narrow', () => {
  const lons = [179.99, 179.995, -180, -179.995, -179.99];
  const crossing = figures(lons.map((lon, i) => point(i * 60, 10, lon)));
  expect(crossing?.boundingBox).toEqual({ west: 179.99, south: 10, east: -179.99, north: 10 });
  const back = figures([...lons, ...lons.toReversed()].map((lon, i) => point(i * 60, 10, lon)));
  expect(back?.boundingBox).toEqual(crossing?.boundingBox);
});

test('a single point stands still', () => {
  expect(figures([point(0, 41, -8.6)])).toEqual({
    ...{ points: 1, startedAt: START, endedAt: START, distance: 0, elapsedSeconds: 0, movingSeconds: 0 },
    ...{ averageSpeed: 0, maximumSpeed: 0, spikes: 0, gaps: { count: 0, seconds: 0 } },
    boundingBox: { west: -8.6, south: 41, east: -8.6, north: 41 },
    polyline: '_yfyF~tns@',
  });
});

test('noise of altitude is no climb, and a hill is', () => {
  const noisy = figures(
    Array.from({ length: 60 }, (_, i) => point(i * 60, 41, -8.6, { altitude: 50 + (i % 2) * 0.9 })),
  );
  expect(noisy).toMatchObject({ ascent: 0, descent: 0 });
  const hill = figures([50, 60, 75, 60].map((altitude, i) => point(i * 60, 41, -8.6, { altitude })));
  expect(hill).toMatchObject({ ascent: 25, descent: 15 });
});

test('a polyline is written as Google’s own example is', () => {
  const example = [3850000, -12020000, 220000, -75000, 255200, -550300];
  expect(packIntegers(example)).toBe('_p~iF~ps|U_ulLnnqC_mqNvxq`@');
  expect(unpackIntegers(packIntegers([...example, 2 ** 50, -(2 ** 50)]))).toEqual([...example, 2 ** 50, -(2 ** 50)]);
});

test('damaged text is no summary', () => {
  const text = encodeSummary(summarizeMinute([point(0, 41, -8.6)]) as Summary);
  for (const damaged of [text.slice(0, -2), '', 'é', `B${text.slice(1)}`])
    expect(() => decodeSummary(damaged)).toThrow(RangeError);
});
