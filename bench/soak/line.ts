/** A straight line through points in time. */
export interface Trend {
  /** per hour */
  slope: number;
  /** half of the 95% confidence interval of the slope */
  margin: number;
  mean: number;
}

/**
 * Least squares. The interval takes the points' errors as independent; where they are not (a heap that fills and is
 * swept), it is too narrow.
 * Source: Montgomery, Peck and Vining, "Introduction to Linear Regression Analysis", 2.4.
 * @param points time in ms, and value
 */
export function trendOf(points: readonly (readonly [at: number, value: number])[]): Trend {
  const count = points.length;
  const hours = points.map(([at]) => (at - (points[0]?.[0] ?? 0)) / 3_600_000);
  const values = points.map(([, value]) => value);
  const [meanX, mean] = [average(hours), average(values)];
  const spread = sum(hours.map((x) => (x - meanX) ** 2));
  if (count < 3 || spread === 0) return { slope: Number.NaN, margin: Number.NaN, mean };
  const slope = sum(hours.map((x, index) => (x - meanX) * ((values[index] ?? 0) - mean))) / spread;
  const residuals = sum(hours.map((x, index) => ((values[index] ?? 0) - mean - slope * (x - meanX)) ** 2));
  const margin = studentT(count - 2) * Math.sqrt(residuals / (count - 2) / spread);
  return { slope, margin, mean };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const average = (values: readonly number[]) => sum(values) / values.length;

/** The 97.5th percentile of Student's t, within 0.5% from three degrees of freedom on. Source: Abramowitz and Stegun, 26.7.5. */
function studentT(freedom: number): number {
  const z = 1.959964;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return sum(terms.map((term, power) => term / freedom ** power));
}
