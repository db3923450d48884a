import fc from 'fast-check';
import { type Observation, smooth } from '../../lambdas/correction/kalman';

const noise = fc.double({ min: 0.5, max: 50, noNaN: true });
const observation = fc.record({
  gap: fc.double({ min: 0.1, max: 5, noNaN: true }),
  x: fc.double({ min: -500, max: 500, noNaN: true }),
  sigma: fc.option(noise, { nil: undefined }),
});

/** Solves `matrix · solution = right` by elimination with pivoting. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    const pivots = rows.slice(column).map((row) => Math.abs(row[column] ?? 0));
    const pivot = column + pivots.indexOf(Math.max(...pivots));
    const [upper, lower] = [rows[column] ?? [], rows[pivot] ?? []];
    rows[column] = lower;
    rows[pivot] = upper;
    for (const [index, row] of rows.entries()) {
      if (index === column) continue;
      const factor = (row[column] ?? 0) / (lower[column] ?? 1);
      rows[index] = row.map((value, at) => value - factor * (lower[at] ?? 0));
    }
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}

/** The places that fit all observations and the motion best, all at once, and their variances: weighted least squares of one axis. */
function leastSquares(observations: readonly Observation[], density: number): { x: number; variance: number }[] {
  const size = 2 * observations.length;
  const matrix = Array.from({ length: size }, () => Array<number>(size).fill(0));
  const right = Array<number>(size).fill(0);
  const demand = (terms: [index: number, factor: number][], value: number, weight: number) => {
    for (const [i, a] of terms) {
      right[i] = (right[i] ?? 0) + a * value * weight;
      const row = matrix[i] ?? [];
      for (const [j, b] of terms) row[j] = (row[j] ?? 0) + a * b * weight;
    }
  };
  demand([[1, 1]], 0, 1 / 9e4);
  for (const [index, { t, x, variance }] of observations.entries()) {
    const [p, v] = [2 * index, 2 * index + 1];
    if (variance !== undefined) demand([[p, 1]], x, 1 / variance);
    const next = observations[index + 1];
    if (!next) continue;
    const dt = next.t - t;
    // Whitened by the Cholesky factor of the process noise [[dt³/3, dt²/2], [dt²/2, dt]] · density.
    const place: [number, number][] = [
      [p + 2, 1],
      [p, -1],
      [v, -dt],
    ];
    const velocity: [number, number][] = [
      [v + 2, 1],
      [v, -1],
    ];
    const remaining = velocity.concat(place.map(([at, factor]): [number, number] => [at, (-1.5 / dt) * factor]));
    demand(place, 0, 3 / (density * dt ** 3));
    demand(remaining, 0, 4 / (density * dt));
  }
  const solution = solve(matrix, right);
  return observations.map((_, index) => {
    const unit = right.map((_, at) => (at === 2 * index ? 1 : 0));
    return { x: solution[2 * index] ?? Number.NaN, variance: solve(matrix, unit)[2 * index] ?? Number.NaN };
  });
}

test('the smoother answers what least squares over all observations at once does', () => {
  const cases = fc.tuple(
    noise,
    fc.array(observation, { minLength: 1, maxLength: 8 }),
    fc.double({ min: 0.01, max: 10, noNaN: true }),
  );
  fc.assert(
    fc.property(cases, ([sigma, rest, density]) => {
      let t = 0;
      const observations: Observation[] = [{ t, x: 0, y: 0, variance: sigma ** 2, rests: false }];
      for (const { gap, x, sigma: own } of rest) {
        t += gap;
        observations.push({ t, x, y: -x, variance: own === undefined ? undefined : own ** 2, rests: false });
      }
      const states = smooth(observations, { moving: density, resting: density });
      const expected = leastSquares(observations, density);
      for (const [index, { x, y, pp }] of states.entries()) {
        const { x: place, variance } = expected[index] ?? { x: Number.NaN, variance: Number.NaN };
        expect(Math.abs(x - place)).toBeLessThan(0.01);
        expect(Math.abs(pp - variance) / variance).toBeLessThan(0.05);
        expect(y).toBeCloseTo(-x, 6);
      }
    }),
    { numRuns: 200 },
  );
});

test('a device at rest has no speed and one place', () => {
  const observations = Array.from({ length: 60 }, (_, t): Observation => {
    return { t, x: t % 2 === 0 ? 5 : -5, y: 0, variance: 25, rests: t > 0 };
  });
  for (const { x, vx } of smooth(observations, { moving: 1, resting: 1e-5 })) {
    expect(Math.abs(x)).toBeLessThan(0.5);
    expect(Math.abs(vx)).toBeLessThan(0.05);
  }
});
