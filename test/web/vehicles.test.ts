import fc from 'fast-check';
import type { VehiclePosition } from '../../lambdas/contract/position';
import { type LonLat, Vehicles } from '../../web/vehicles';

const at = (vehicle: string, time: number, lon = -8.6, lat = 41.15): VehiclePosition => ({ vehicle, time, lon, lat });
const frame = (positions: VehiclePosition[], left: string[] = []) => ({ type: 'positions', positions, left });
const snapshot = (positions: VehiclePosition[]) => ({ type: 'snapshot', positions, left: [] });
const ids = (vehicles: Vehicles, now = 0) => vehicles.at(now).map(({ position }) => position.vehicle);

const positionArbitrary = fc.record({
  vehicle: fc.constantFrom('a', 'b', 'c'),
  time: fc.integer({ min: 0, max: 50 }),
  lon: fc.double({ min: -8.7, max: -8.5, noNaN: true }),
  lat: fc.double({ min: 41.1, max: 41.2, noNaN: true }),
});
const framesArbitrary = fc.array(
  fc.record({
    type: fc.constantFrom('positions', 'positions', 'positions', 'snapshot'),
    positions: fc.array(positionArbitrary, { maxLength: 6 }),
    left: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 1 }),
  }),
  { maxLength: 30 },
);

type Frames = Parameters<Vehicles['apply']>[0][];

/** Too simple to be wrong: each vehicle's newest position since it was last forgotten. */
function newest(frames: Frames): Map<string, VehiclePosition> {
  const shown = new Map<string, VehiclePosition>();
  for (const { type, positions, left } of frames) {
    for (const id of [...shown.keys()]) {
      const gone = type === 'snapshot' && !positions.some(({ vehicle }) => vehicle === id);
      if (gone || left.includes(id)) shown.delete(id);
    }
    for (const position of positions) {
      const known = shown.get(position.vehicle);
      if (!known || position.time > known.time) shown.set(position.vehicle, position);
    }
  }
  return shown;
}

test('each vehicle stands at its newest position, whatever the order of frames', () => {
  fc.assert(
    fc.property(framesArbitrary, (frames) => {
      const vehicles = new Vehicles();
      for (const [index, each] of frames.entries()) vehicles.apply(each, index * 500);
      const shown = new Map(vehicles.at(1e9).map((each) => [each.position.vehicle, each]));
      const expected = newest(frames);
      expect(new Map([...shown].map(([id, { position }]) => [id, position]))).toEqual(expected);
      for (const [id, { lon, lat }] of expected) {
        expect(shown.get(id)?.at[0]).toBeCloseTo(lon, 9);
        expect(shown.get(id)?.at[1]).toBeCloseTo(lat, 9);
      }
    }),
  );
});

test('an older position never moves a vehicle back', () => {
  const vehicles = new Vehicles();
  vehicles.apply(frame([at('a', 2_000, -8.6)]), 0);
  vehicles.apply(frame([at('a', 1_000, -8.5)]), 1_000);
  expect(vehicles.get('a')?.position.time).toBe(2_000);
  expect(vehicles.at(9_000)[0]?.at).toEqual([-8.6, 41.15]);
});

test('a vehicle between two positions is drawn on the line between them, and goes forward only', () => {
  const part = fc.double({ min: 0, max: 1.5, noNaN: true });
  const offset = fc.double({ min: -0.1, max: 0.1, noNaN: true });
  fc.assert(
    fc.property(
      fc.tuple(offset, offset),
      fc.tuple(part, part),
      fc.integer({ min: 1, max: 9_000 }),
      (by, parts, gap) => {
        const from: LonLat = [-8.6, 41.15];
        const to: LonLat = [from[0] + by[0], from[1] + by[1]];
        const vehicles = new Vehicles();
        vehicles.apply(frame([at('a', 1, ...from)]), 0);
        vehicles.apply(frame([at('a', 2, ...to)]), gap);
        const [early = 0, late = 0] = parts
          .sort((a, b) => a - b)
          .map((share) => {
            const [lon = 0, lat = 0] = vehicles.at(gap + share * gap)[0]?.at ?? [];
            const [alongLon, alongLat] = [lon - from[0], lat - from[1]];
            // Off the line by the cross product, along it by the distance.
            expect(Math.abs(alongLon * by[1] - alongLat * by[0])).toBeLessThan(1e-9);
            return Math.hypot(alongLon, alongLat);
          });
        expect(early).toBeLessThanOrEqual(late + 1e-9);
        expect(late).toBeLessThanOrEqual(Math.hypot(...by) + 1e-9);
      },
    ),
  );
});

test('a new movement starts from where the vehicle is drawn, not with a leap', () => {
  const vehicles = new Vehicles();
  vehicles.apply(frame([at('a', 1, -8.6)]), 0);
  vehicles.apply(frame([at('a', 2, -8.5)]), 1_000);
  const before = vehicles.at(1_500)[0]?.at;
  vehicles.apply(frame([at('a', 3, -8.4)]), 1_500);
  expect(before?.[0]).toBeCloseTo(-8.55, 9);
  expect(vehicles.at(1_500)[0]?.at).toEqual(before);
});

test('a move of hundreds of kilometres is a leap with a fresh trail', () => {
  const vehicles = new Vehicles();
  vehicles.apply(frame([at('a', 1)]), 0);
  vehicles.apply(frame([at('a', 2, -97.7, 30.3)]), 1_000);
  expect(vehicles.at(1_000)[0]).toMatchObject({ at: [-97.7, 30.3], trail: [[-97.7, 30.3]] });
});

test('a snapshot forgets who is not in it, and keeps the trail of who is', () => {
  const vehicles = new Vehicles();
  vehicles.apply(frame([at('a', 1), at('b', 1)]), 0);
  vehicles.apply(snapshot([at('b', 2, -8.61), at('c', 1)]), 1_000);
  expect(ids(vehicles).sort()).toEqual(['b', 'c']);
  expect(vehicles.get('b')?.trail).toHaveLength(2);
});

test('who left is shown no more', () => {
  const vehicles = new Vehicles();
  vehicles.apply(frame([at('a', 1), at('b', 1)]), 0);
  vehicles.apply(frame([], ['a', 'unknown']), 1_000);
  expect(ids(vehicles)).toEqual(['b']);
});

test('a trail is the last 24 places, oldest first', () => {
  const vehicles = new Vehicles();
  for (let time = 1; time <= 100; time++) vehicles.apply(frame([at('a', time, -8.6 + time * 1e-3)]), time * 1_000);
  const trail = vehicles.get('a')?.trail ?? [];
  expect(trail).toHaveLength(24);
  expect(trail[0]?.[0]).toBeCloseTo(-8.6 + 77e-3, 9);
  expect(trail.at(-1)?.[0]).toBeCloseTo(-8.6 + 100e-3, 9);
});

test.each([
  ['north', 0, 0.01, 0],
  ['east', 0.01, 0, 90],
  ['south', 0, -0.01, 180],
  ['west', -0.01, 0, 270],
])('a vehicle that drives %s heads there', (_name, east, north, heading) => {
  const vehicles = new Vehicles();
  vehicles.apply(frame([at('a', 1, -8.6, 41)]), 0);
  vehicles.apply(frame([at('a', 2, -8.6 + east, 41 + north)]), 1_000);
  expect(vehicles.at(1_000)[0]?.heading).toBeCloseTo(heading, 6);
});

test('a reported heading goes before the direction of the movement, and a vehicle that stands has none', () => {
  const vehicles = new Vehicles();
  vehicles.apply(frame([{ ...at('a', 1), heading: 45 }, at('b', 1)]), 0);
  vehicles.apply(frame([{ ...at('a', 2, -8.7), heading: 45 }, at('b', 2)]), 1_000);
  expect(vehicles.at(1_000).map(({ heading }) => heading)).toEqual([45, undefined]);
});

test('the age is the median of those shown', () => {
  const vehicles = new Vehicles();
  expect(vehicles.age(10_000)).toBeUndefined();
  vehicles.apply(frame([at('a', 9_000), at('b', 1_000), at('c', 8_000)]), 0);
  expect(vehicles.age(10_000)).toBe(2_000);
});

test('vehicles whose names are over are forgotten at that moment, though no frame says so; fresh ones stay', () => {
  const vehicles = new Vehicles();
  vehicles.apply({ ...snapshot([at('old', 90), at('older', 10)]), names: { until: 100, everyMs: 50 } }, 0);
  vehicles.expire(99);
  expect(ids(vehicles)).toEqual(['old', 'older']);
  vehicles.apply(frame([at('fresh', 101)]), 0);
  vehicles.expire(103);
  expect(ids(vehicles)).toEqual(['fresh']);
  vehicles.expire(249);
  expect(ids(vehicles)).toEqual([]);
});

test('who sees true ids keeps vehicles whatever the time', () => {
  const vehicles = new Vehicles();
  vehicles.apply(snapshot([at('taxi-1', 90)]), 0);
  vehicles.expire(1e12);
  expect(ids(vehicles)).toEqual(['taxi-1']);
});
