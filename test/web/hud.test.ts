import { inWords } from '../../web/hud';

test.each([
  [-500, '0.0 s'],
  [0, '0.0 s'],
  [440, '0.4 s'],
  [9_940, '9.9 s'],
  [12_400, '12 s'],
  [119_400, '119 s'],
  [120_000, '2 min'],
  [3_600_000, '60 min'],
])('%d ms read as %s', (ms, words) => {
  expect(inWords(ms)).toBe(words);
});
