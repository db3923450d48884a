import fc from 'fast-check';
import { metresBetween, type Point, placeAt } from '../../client/src/point';
import { defaultSampling, Sampler } from '../../client/src/sampler';
import { distance } from '../../lambdas/geo/distance';

const SECOND = 1_000;
const METRE = 1 / 111_195;

/** Drives with these legs (seconds, metres a second east and north), a fix each second. */
function drive(legs: readonly { seconds: number; east: number; north: number }[]): Point[] {
  const fixes: Point[] = [{ time: 0, lat: 0, lon: 0 }];
  for (const { seconds, east, north } of legs) {
    for (let second = 0; second < seconds; second++) {
      const { time, lat, lon } = fixes.at(-1) ?? { time: 0, lat: 0, lon: 0 };
      const speed = Math.hypot(east, north);
      fixes.push({ time: time + SECOND, lat: lat + north * METRE, lon: lon + east * METRE, speed });
    }
  }
  return fixes;
}

const settings = { ...defaultSampling, jitter: 0 };

function sampled(fixes: readonly Point[], battery?: number, random = 0.5, each = settings): Point[] {
  const sampler = new Sampler(each);
  return [...fixes.flatMap((fix) => sampler.take(fix, random, battery)), ...sampler.rest()];
}

const gaps = (points: readonly Point[]) => points.slice(1).map(({ time }, index) => time - (points[index]?.time ?? 0));

test('distances on the plane are those on the sphere', () => {
  const near = fc.double({ min: -0.02, max: 0.02, noNaN: true });
  const place = fc.record({
    lat: fc.double({ min: -80, max: 80, noNaN: true }),
    lon: fc.double({ min: -180, max: 180, noNaN: true }),
  });
  fc.assert(
    fc.property(place, near, near, (from, north, east) => {
      const lon = from.lon + east;
      const to = { lat: from.lat + north, lon: lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon };
      expect(Math.abs(metresBetween(from, to) - distance(from, to))).toBeLessThan(1 + distance(from, to) * 1e-3);
    }),
  );
});

test.each([
  ['stands', 0, settings.intervalMs.still],
  ['walks', 1.5, settings.intervalMs.slow],
  ['drives', 14, settings.intervalMs.fast],
])('a device that %s keeps a point each interval of its own', (_, speed, interval) => {
  const kept = sampled(drive([{ seconds: 600, east: speed, north: 0 }]));
  expect(new Set(gaps(kept).slice(1, -1))).toEqual(new Set([interval]));
});

test('no fix left out lies further from the track than the tolerance', () => {
  const leg = fc.record({
    seconds: fc.integer({ min: 1, max: 40 }),
    east: fc.integer({ min: -20, max: 20 }),
    north: fc.integer({ min: -20, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(leg, { minLength: 1, maxLength: 12 }), (legs) => {
      const fixes = drive(legs);
      const kept = sampled(fixes);
      for (const fix of fixes) {
        const next = kept.findIndex(({ time }) => time >= fix.time);
        const [from, to] = [kept[Math.max(0, next - 1)] ?? fix, kept[next] ?? fix];
        expect(metresBetween(fix, placeAt(from, to, fix.time))).toBeLessThanOrEqual(settings.toleranceMetres + 1e-6);
      }
    }),
  );
});

test('a turn is kept where it is, though no interval is over', () => {
  const kept = sampled(
    drive([
      { seconds: 20, east: 14, north: 0 },
      { seconds: 8, east: 0, north: 14 },
    ]),
  );
  expect(kept.some(({ time }) => Math.abs(time - 20 * SECOND) <= SECOND)).toBe(true);
});

test('who drives off is not kept waiting by the interval of standing, however coarse the receiver', () => {
  const fixes = drive([
    { seconds: 30, east: 0, north: 0 },
    { seconds: 60, east: 3, north: 0 },
  ]);
  const sampler = new Sampler(settings);
  const told = fixes.filter((fix) => sampler.take({ ...fix, accuracy: 50 }, 0.5).length > 0);
  expect(told.map(({ time }) => time).slice(0, 2)).toEqual([0, 31 * SECOND]);
});

test('a low battery stretches intervals', () => {
  const fixes = drive([{ seconds: 600, east: 14, north: 0 }]);
  expect(sampled(fixes, 0.1).length).toBeLessThan(sampled(fixes, 0.9).length / 2);
});

test('a device reports on no strict clock', () => {
  let draws = 0;
  const sampler = new Sampler();
  const fixes = drive([{ seconds: 600, east: 14, north: 0 }]);
  const kept = fixes.flatMap((fix) => sampler.take(fix, (draws++ * 0.618) % 1));
  const [least, most] = [Math.min(...gaps(kept).slice(1)), Math.max(...gaps(kept).slice(1))];
  expect(most - least).toBeGreaterThan(4 * SECOND);
});

test('points are kept in order of time, each once, whatever the source repeats or reverses', () => {
  const fix = fc.record({ time: fc.integer({ min: 0, max: 100 }), lat: fc.double({ min: 0, max: 0.01, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(fix, { maxLength: 60 }), (fixes) => {
      const kept = sampled(fixes.map(({ time, lat }) => ({ time: time * SECOND, lat, lon: 0 })));
      expect(gaps(kept).every((gap) => gap > 0)).toBe(true);
    }),
  );
});
