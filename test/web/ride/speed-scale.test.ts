import { classOf, legendOf, scaleOf, speedColours, topOf } from '../../../web/ride/speed-scale';

/** Relative luminance and contrast. Source: WCAG 2.2, definitions. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const contrast = (a: string, b: string) => (luminance(a) + 0.05) / (luminance(b) + 0.05);

test('each colour is lighter than the one before, and stands out from the ground and the city by 3 : 1', () => {
  for (const [index, colour] of speedColours.entries()) {
    expect(contrast(colour, '#0a1016')).toBeGreaterThanOrEqual(3);
    expect(contrast(colour, '#121c26')).toBeGreaterThanOrEqual(2.9);
    const before = speedColours[index - 1];
    if (before) expect(luminance(colour)).toBeGreaterThan(luminance(before));
  }
});

test.each([
  ['a walk', 1.4, 2],
  ['a bicycle', 8, 6],
  ['a car in town', 14, 15],
  ['a motorway', 36, 30],
])('the classes of %s cover its speeds', (_what, speed, step) => {
  expect(scaleOf(new Array(100).fill(speed))).toEqual({ step });
  expect(topOf(scaleOf([speed]))).toBeGreaterThanOrEqual(speed);
});

test('a few impossible speeds don’t stretch the scale', () => {
  expect(scaleOf([...new Array(96).fill(10), 153, 153, 400, 400])).toEqual(scaleOf(new Array(96).fill(10)));
});

test('without a speed there is a scale all the same', () => {
  expect(scaleOf([])).toEqual({ step: 1 });
});

test.each([
  [0, 0],
  [9.9, 0],
  [10, 1],
  [39.9, 3],
  [40, 4],
  [500, 4],
])('%s km/h are in class %s of ten each', (speed, expected) => {
  expect(classOf({ step: 10 }, speed / 3.6 + 1e-9)).toBe(expected);
});

test('the legend names each class, and the last is open', () => {
  const labels = legendOf({ step: 15 }).map(({ label }) => label);
  expect(labels).toEqual(['0–15', '15–30', '30–45', '45–60', '60 km/h and more']);
});
