import { exponent, verdict } from '../../bench/growth/fit';

const samples = (of: (size: number) => number) => [1, 2, 4, 8].map((size) => ({ size, value: of(size) }));

test.each([
  ['the same at each size', () => 240, 0, 'flat'],
  ['nothing at all', () => 0, 0, 'flat'],
  ['a root', (size: number) => 100 * Math.sqrt(size), 0.5, 'less than linear'],
  ['in proportion', (size: number) => 37 * size, 1, 'linear'],
  ['by the square', (size: number) => 5 * size ** 2, 2, 'more than linear'],
])('%s', (_, of: (size: number) => number, power, words) => {
  expect(exponent(samples(of))).toBeCloseTo(power);
  expect(verdict(samples(of))).toBe(words);
});

test('what a run counts by chance does not change the verdict', () => {
  const noise = [1.03, 0.97, 1.02, 0.99];
  expect(verdict(samples((size) => 100 * size * (noise[Math.log2(size)] ?? 1)))).toBe('linear');
});
