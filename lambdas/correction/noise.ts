import { type Observation, surprises } from './kalman';

/** How well places are seen, and how much devices change their velocity. */
export interface Noise {
  /** Standard deviation of a place seen with weight 1, east and north each (m). */
  sigma: number;
  /** Power spectral density of the acceleration (m²/s³). */
  density: number;
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const SIGMAS = range(0, 15).map((step) => 0.5 * 2 ** (step / 2));
/** Density over variance (1/s³): the filter's gains depend on nothing else. */
const RATIOS = range(-12, 5).map((step) => 10 ** (step / 2));

/** What is expected before anything is seen: a receiver under open sky, a car in town. Each wide by a factor. */
const EXPECTED = { sigma: 3, sigmaFactor: 2.5, toldFactor: 1.6, density: 3, densityFactor: 3 };

/** Radius of 68 % over the standard deviation of one axis, √(−2 ln 0.32). Android's `Location.getAccuracy` is that radius. */
export const ACCURACY_PER_SIGMA = 1.51;

/** Of all that is as likely as this the least noise counts: a turn must not be smoothed away. In nats. */
const DOUBT = 5;

const square = (figure: number) => figure * figure;
const offBy = (figure: number, expected: number, factor: number) =>
  square(Math.log(figure / expected) / Math.log(factor)) / 2;

interface Fit {
  ratio: number;
  /** Over all surprises: their squares, and the logarithms of their variances, in units of the unknown variance. */
  squared: number;
  logarithms: number;
  count: number;
}

function fitRatio(segments: readonly (readonly Observation[])[], ratio: number): Fit {
  const fit: Fit = { ratio, squared: 0, logarithms: 0, count: 0 };
  for (const segment of segments) {
    for (const { squared, variance } of surprises(segment, { moving: ratio, resting: ratio })) {
      fit.squared += squared;
      fit.logarithms += Math.log(variance);
      fit.count += 1;
    }
  }
  return fit;
}

/**
 * The likeliest noise of a window's observations (maximum a posteriori over a grid). So that a good receiver's points
 * stay where they are and a bad one's are smoothed, with nothing to set. The filter scales: one run for each ratio of
 * the two serves every `sigma`.
 * Source: the innovations form of the likelihood, Schweppe, "Evaluation of likelihood functions for Gaussian signals",
 * IEEE Transactions on Information Theory 11 (1965).
 * @param segments each in order of time, variances in units of the unknown one
 * @param told standard deviation that the device tells (m)
 */
export function findNoise(segments: readonly (readonly Observation[])[], told: number | undefined): Noise {
  const [expected, factor] = told === undefined ? [EXPECTED.sigma, EXPECTED.sigmaFactor] : [told, EXPECTED.toldFactor];
  const candidates: (Noise & { cost: number })[] = [];
  for (const { ratio, squared, logarithms, count } of RATIOS.map((ratio) => fitRatio(segments, ratio))) {
    for (const sigma of SIGMAS) {
      const density = ratio * sigma * sigma;
      const misfit = 2 * count * Math.log(sigma) + logarithms + squared / (2 * sigma * sigma);
      const odd = offBy(sigma, expected, factor) + offBy(density, EXPECTED.density, EXPECTED.densityFactor);
      candidates.push({ sigma, density, cost: misfit + odd });
    }
  }
  const least = Math.min(...candidates.map(({ cost }) => cost));
  const likely = candidates
    .filter(({ cost }) => cost <= least + DOUBT)
    .sort((a, b) => a.sigma - b.sigma || a.cost - b.cost);
  return likely[0] ?? { sigma: expected, density: EXPECTED.density };
}
