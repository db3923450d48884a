import fc from 'fast-check';
import {
  decodePoint,
  decodeRow,
  encodePoint,
  minuteKey,
  pointName,
  rowVersion,
  trackKey,
  writerMark,
} from '../../lambdas/contract/track-row';
import { positionAt, START, times } from '../tracks/arbitraries';

test('a point comes back as it went', () => {
  fc.assert(
    fc.property(positionAt(times), (point) => expect(decodePoint(point.time, encodePoint(point))).toEqual(point)),
  );
});

test.each([
  [{ lat: 1.5, lon: -2 }, '1.5,-2'],
  [{ lat: 1.5, lon: -2, speed: 3 }, '1.5,-2,,3'],
  [{ lat: 0, lon: 0, altitude: 0 }, '0,0,,,,0'],
  [{ lat: 1, lon: 2, attributes: { a: '{,}' } }, '1,2{"a":"{,}"}'],
])('%j is stored as %s', (point, text) => {
  expect(encodePoint({ time: START, ...point })).toBe(text);
  expect(decodePoint(START, text)).toEqual({ time: START, ...point });
});

test.each([
  '',
  '1',
  ',2',
  '91,0',
  '0,181',
  '1,2,x',
  '1,2,3,4,5,6,7',
  '1,2{',
  '1,2{"a":null}',
  '1,2{"a":{}}',
  'NaN,1',
  '1,2,-1',
  '1,2,,,361',
])('“%s” is not a point', (text) => {
  expect(() => decodePoint(START, text)).toThrow();
});

test('keys of minutes sort as the minutes do', () => {
  expect(minuteKey(START)).toBe('r29714400');
  expect(minuteKey(0)).toBe('r00000000');
  fc.assert(
    fc.property(fc.nat(5e12), fc.nat(5e12), (a, b) => {
      const minutes = Math.floor(a / 60_000) - Math.floor(b / 60_000);
      expect(Math.sign(minutes)).toBe(minuteKey(a) === minuteKey(b) ? 0 : minuteKey(a) < minuteKey(b) ? -1 : 1);
    }),
  );
});

test('a row reads its points in order of time, from keys and names alone', () => {
  const item = {
    track: trackKey('taxi-1', 'a'),
    minute: minuteKey(START),
    expires: 5,
    full: true,
    [pointName(START + 59_999)]: '2,2',
    [pointName(START)]: '1,1',
    [pointName(START + 7_000)]: '3,3,,1',
  };
  expect(decodeRow(item)).toEqual({
    device: 'taxi-1',
    task: 'a',
    minute: START,
    points: [
      { time: START, lat: 1, lon: 1 },
      { time: START + 7_000, lat: 3, lon: 3, speed: 1 },
      { time: START + 59_999, lat: 2, lon: 2 },
    ],
  });
});

test('a row that goes on beside its minute is a row of that minute', () => {
  const item = { track: 'd#t', minute: `${minuteKey(START)}s014`, p7000: '1,2' };
  expect(decodeRow(item)).toMatchObject({ minute: START, points: [{ time: START + 7_000 }] });
});

test.each([
  ['an item of the registry', { track: 'd', minute: 'd2026-07-01#t' }],
  ['a corrected row', { track: 'd#t', minute: 'c29714400' }],
])('%s is no raw row', (_, item) => {
  expect(decodeRow(item)).toBeUndefined();
});

test('an item without keys is an error', () => {
  expect(() => decodeRow({})).toThrow();
});

test.each<[string, Record<string, unknown>]>([
  ['text that is no point', { p0: 'here' }],
  ['a place beyond the pole', { p0: '91,0' }],
  ['a speed that nothing has', { p0: '1,1,,501' }],
  ['another type', { p0: 5 }],
  ['a list', { p0: ['1,1'] }],
  ['an offset past the minute', { p60000: '1,1' }],
  ['a name that is not how we write it', { p007: '1,1' }],
  ['a name that is no offset', { px: '1,1' }],
])('%s takes no other point of its row with it', (_, bad) => {
  const item = { track: 'd#t', minute: 'r29714400', ...bad, p9: '1,2' };
  expect(decodeRow(item)?.points).toEqual([{ time: START + 9, lat: 1, lon: 2 }]);
});

test('a row’s version grows with each point, and with each mending that takes points away', () => {
  const row = (mended: number, ...names: string[]) =>
    decodeRow({ track: 'd#t', minute: 'r29714400', m: mended, ...Object.fromEntries(names.map((n) => [n, '1,1'])) });
  const states = [row(0, 'p1'), row(0, 'p1', 'p2'), row(1, 'p1'), row(1, 'p1', 'p3')];
  const versions = states.map((state) => state && rowVersion(state));
  expect(versions).toEqual([1, 2, 3, 4]);
});

test('a writer’s mark is the same for the same names, in any order, and short', () => {
  const [a, b] = [writerMark(['p1', 'p2']), writerMark(['p2', 'p1'])];
  expect(a).toBe(b);
  expect(writerMark(['p1'])).not.toBe(a);
  fc.assert(fc.property(fc.array(fc.string()), (names) => expect(writerMark(names)).toMatch(/^[a-z0-9]{1,4}$/)));
});
