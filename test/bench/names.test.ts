import { untilNamesRest } from '../../bench/load/names';

const PERIOD = 15 * 60_000;

test('a stretch in which names rest begins at once', () => {
  expect(untilNamesRest(60_000, 5 * 60_000)).toBe(0);
});

test.each([
  ['just after a change', 0],
  ['while vehicles come back', 80_000],
  ['where a change is near', PERIOD - 100_000],
])('%s it begins when all are back', (_, now) => {
  const start = now + untilNamesRest(60_000, now);
  expect(start % PERIOD).toBe(90_000);
});

test('what takes longer than names last begins as early after a change as can be', () => {
  expect(untilNamesRest(2 * PERIOD, 5 * 60_000)).toBe(10 * 60_000 + 90_000);
});
