import fc from 'fast-check';
import { exceeded, first } from '../../bench/plan/limits';
import { type Load, usual } from '../../bench/plan/load';
import { monthly, type Plan, plan } from '../../bench/plan/plan';
import { unitsPerMillion } from '../../bench/plan/units';
import { rowsTouched } from '../../bench/plan/writes';

const loads: fc.Arbitrary<Load> = fc.record({
  devices: fc.integer({ min: 1, max: 5_000_000 }),
  intervalSeconds: fc.integer({ min: 1, max: 300 }),
  pointsPerRequest: fc.integer({ min: 1, max: 100 }),
  viewers: fc.integer({ min: 0, max: 2_000_000 }),
  vehiclesInView: fc.integer({ min: 0, max: 500 }),
  days: fc.integer({ min: 1, max: 1_000 }),
  cities: fc.integer({ min: 1, max: 500 }),
  activeShare: fc.double({ min: 0.01, max: 1, noNaN: true }),
  windowSeconds: fc.integer({ min: 1, max: 60 }),
});

/** All that a plan asks for, as figures that can be compared. */
const figures = ({ limits, dollars, concurrency, index, ...rest }: Plan): Record<string, number> => ({
  ...rest,
  ...dollars,
  ...index,
  ...concurrency,
  monthly: monthly({ limits, dollars, concurrency, index, ...rest }),
});

/** Figures may differ by what is lost in adding them up. */
const notLess = (more: number, less: number) => more >= less * (1 - 1e-9) - 1e-9;

function expectMore(less: Plan, more: Plan): void {
  const [low, high] = [figures(less), figures(more)];
  const shrunk = Object.keys(low).filter((name) => !notLess(high[name] ?? 0, low[name] ?? 0));
  expect(shrunk).toEqual([]);
}

test.each(['devices', 'viewers', 'days', 'cities', 'vehiclesInView', 'activeShare'] as const)(
  'more %s never need less of anything',
  (name) => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 2, max: 10 }), (load, times) => {
        const value = name === 'activeShare' ? Math.min(1, load.activeShare * times) : load[name] * times;
        expectMore(plan(load), plan({ ...load, [name]: value }));
      }),
    );
  },
);

test('reporting more often never needs less of anything but time to gather', () => {
  fc.assert(
    fc.property(loads, fc.integer({ min: 2, max: 5 }), (load, times) => {
      const often = plan(load);
      const seldom = plan({ ...load, intervalSeconds: load.intervalSeconds * times });
      for (const name of ['requestsPerSecond', 'shards', 'updatesPerSecond', 'tableGb', 'cacheGb'] as const) {
        expect(notLess(often[name], seldom[name])).toBe(true);
      }
    }),
  );
});

test('more points in a request never make positions dearer without viewers', () => {
  fc.assert(
    fc.property(loads, fc.integer({ min: 2, max: 5 }), (load, times) => {
      const alone = { ...load, viewers: 0, windowSeconds: 1 };
      const packed = { ...alone, pointsPerRequest: alone.pointsPerRequest * times };
      expect(notLess(plan(alone).dollars.use * 1.02, plan(packed).dollars.use)).toBe(true);
    }),
  );
});

test('what is used grows in proportion to the devices once shards are full', () => {
  fc.assert(
    fc.property(loads, fc.integer({ min: 2, max: 10 }), (load, times) => {
      const one = {
        ...load,
        viewers: 0,
        devices: Math.max(load.devices, 2_000 * load.intervalSeconds * load.pointsPerRequest),
      };
      const many = { ...one, devices: one.devices * times };
      expect(plan(many).requestsPerSecond / plan(one).requestsPerSecond).toBeCloseTo(times, 6);
      expect(plan(many).writeUnitsPerSecond / plan(one).writeUnitsPerSecond).toBeCloseTo(times, 6);
      expect(plan(many).tableGb / plan(one).tableGb).toBeCloseTo(times, 6);
      expect(plan(many).cacheGb / plan(one).cacheGb).toBeCloseTo(times, 6);
      // Shards are whole: rounding makes the difference.
      expect(plan(many).dollars.use / plan(one).dollars.use / times).toBeCloseTo(1, 1);
    }),
  );
});

test('history is linear in days, and viewers in frames', () => {
  fc.assert(
    fc.property(loads, (load) => {
      expect(plan({ ...load, days: 2 * load.days }).tableGb).toBeCloseTo(2 * plan(load).tableGb, 3);
      const twice = plan({ ...load, viewers: 2 * load.viewers });
      expect(twice.framesPerSecond).toBeCloseTo(2 * plan(load).framesPerSecond, 6);
    }),
  );
});

test.each([
  ['one point lies in one row', 1, 5, 1],
  ['five in twenty seconds cross a minute every third time', 5, 5, 4 / 3],
  ['a point every two minutes has a row of its own', 5, 120, 5],
])('%s', (_, points, interval, rows) => {
  expect(rowsTouched(points, interval)).toBeCloseTo(rows);
});

test('a hundred phones need one shard, two nodes and no higher limit', () => {
  const small = plan({ ...usual, devices: 100, intervalSeconds: 5 });
  expect(small).toMatchObject({ shards: 1, index: { nodes: 2 } });
  expect(exceeded(small.limits)).toEqual([]);
});

test('a million requests a second exceed what a new account has', () => {
  const large = plan({ ...usual, devices: 4_000_000, intervalSeconds: 4 });
  expect(large.requestsPerSecond).toBe(1_000_000);
  const names = exceeded(large.limits).map(({ what }) => what.split(' ').slice(0, 2).join(' '));
  expect(names).toEqual(expect.arrayContaining(['API Gateway', 'concurrent executions,', 'write units']));
  expect(first(large.limits)).toEqual(exceeded(large.limits)[0]);
});

test('a request is one request, whatever the load', () => {
  fc.assert(
    fc.property(loads, (load) => {
      expect(unitsPerMillion(load).httpRequests).toBeCloseTo(1_000_000 / load.pointsPerRequest, 3);
    }),
  );
});
