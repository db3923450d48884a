import fc from 'fast-check';
import { assign } from '../../bench/pseudonyms/assignment';
import { attack, type Model } from '../../bench/pseudonyms/attack';
import type { Trace } from '../../bench/pseudonyms/traces';

/** Tries every assignment. */
function cheapest(costs: number[][], unmatched: number, taken = new Set<number>(), row = 0): number {
  const options = costs[row];
  if (!options) return 0;
  const without = unmatched + cheapest(costs, unmatched, taken, row + 1);
  const withOne = options.map((cost, column) =>
    taken.has(column) || !Number.isFinite(cost)
      ? Number.POSITIVE_INFINITY
      : cost + cheapest(costs, unmatched, new Set([...taken, column]), row + 1),
  );
  return Math.min(without, ...withOne);
}

test('the assignment is as cheap as the cheapest of all', () => {
  const cost = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Number.POSITIVE_INFINITY));
  const costs = fc
    .integer({ min: 1, max: 5 })
    .chain((columns) =>
      fc.array(fc.array(cost, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 5 }),
    );
  fc.assert(
    fc.property(costs, (table) => {
      const columnOf = [
        ...assign(
          table.map((row) => Float64Array.from(row)),
          table[0]?.length ?? 0,
          30,
        ),
      ];
      const given = columnOf.filter((column) => column >= 0);
      expect(new Set(given).size).toBe(given.length);
      const total = columnOf.reduce((sum, column, row) => sum + (column < 0 ? 30 : (table[row]?.[column] ?? 0)), 0);
      expect(total).toBe(cheapest(table, 30));
    }),
  );
});

const SECOND = 1_000;
const model: Model = { keeps: 1, driftMps: 2, knowsPhase: false };

/** Drives straight on at 10 m/s, from so far north, reporting each five seconds. */
const straight = (id: string, y: number, east = true): Trace => ({
  id,
  reports: Array.from({ length: 120 }, (_, index) => ({
    time: index * 5 * SECOND,
    x: (east ? 1 : -1) * 50 * (index - 60),
    y,
  })),
});
const silent = { label: '', together: true, silenceMs: 60 * SECOND };
const success = (traces: Trace[]) => attack(traces, silent, model, [300 * SECOND], 600 * SECOND, 5 * SECOND);

test('who drives alone, or straight on far from others, is found again', () => {
  expect(success([straight('a', 0)])).toMatchObject({ right: 1, seenTwice: 1 });
  expect(success([straight('a', 0), straight('b', 5_000), straight('c', -5_000, false)])).toMatchObject({ right: 3 });
});

test('who turns round beside another that does the same is taken for it', () => {
  const turned = (id: string, y: number): Trace => {
    const { reports } = straight(id, y);
    return { id, reports: reports.map((report) => ({ ...report, y: report.time < 300 * SECOND ? y : -y })) };
  };
  expect(success([turned('a', 100), turned('b', -100)])).toMatchObject({ right: 0, seenTwice: 2 });
});
