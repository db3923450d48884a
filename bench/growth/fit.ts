/** What was counted at one size. */
export interface Sample {
  size: number;
  value: number;
}

export type Verdict = 'flat' | 'less than linear' | 'linear' | 'more than linear';

/**
 * The power of the size that the values grow with, by least squares of their logarithms: 0 is flat, 1 linear.
 * Values below one count as one: what is nothing at all grows with nothing.
 */
export function exponent(samples: readonly Sample[]): number {
  const points = samples.map(({ size, value }) => ({ x: Math.log(size), y: Math.log(Math.max(1, value)) }));
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = mean((point) => (point.x - x) ** 2);
  return spread === 0 ? 0 : mean((point) => (point.x - x) * (point.y - y)) / spread;
}

/** In words, a tenth of a power either way allowed for what a run counts by chance. */
export function verdict(samples: readonly Sample[]): Verdict {
  const power = exponent(samples);
  if (power < 0.1) return 'flat';
  if (power < 0.9) return 'less than linear';
  return power <= 1.1 ? 'linear' : 'more than linear';
}

/** A line of the table: a count at each size, then the verdict. */
export interface Series {
  what: string;
  samples: Sample[];
}

const amount = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 100) / 100);

/** Prints series of the same sizes as one table. */
export function print(title: string, series: readonly Series[]): void {
  const sizes = series[0]?.samples.map(({ size }) => size) ?? [];
  console.log(`### ${title}\n\n| | ${sizes.map((size) => `${size} ×`).join(' | ')} | power | |`);
  console.log(`|---|${sizes.map(() => '--:|').join('')}--:|---|`);
  for (const { what, samples } of series) {
    const cells = [what, ...samples.map(({ value }) => amount(value)), exponent(samples).toFixed(2), verdict(samples)];
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log('');
}

/** Counts by name at several sizes, as series. */
export function toSeries(counted: readonly { size: number; counts: Readonly<Record<string, number>> }[]): Series[] {
  const names = Object.keys(counted[0]?.counts ?? {});
  return names.map((what) => ({
    what,
    samples: counted.map(({ size, counts }) => ({ size, value: counts[what] ?? 0 })),
  }));
}
