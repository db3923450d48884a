import { advance, grown, type Replay, rateFor, seek, toggle } from '../../../web/ride/replay';

const span = { from: 1_000, to: 61_000 };
const at = (time: number, playing = false, rate = 5): Replay => ({ time, playing, rate });

test('time passes so many times as fast as it did, while it plays', () => {
  expect(advance(at(1_000, true), 200, span)).toEqual(at(2_000, true));
  expect(advance(at(1_000), 200, span)).toEqual(at(1_000));
});

test('the replay stops at the end', () => {
  expect(advance(at(60_500, true), 200, span)).toEqual(at(61_000));
});

test('play begins, stops, and begins again from the start at the end', () => {
  expect(toggle(at(5_000), span)).toEqual(at(5_000, true));
  expect(toggle(at(5_000, true), span)).toEqual(at(5_000));
  expect(toggle(at(61_000), span)).toEqual(at(1_000, true));
});

test('no other moment than one of the ride is shown', () => {
  expect(seek(at(5_000), 99_000, span).time).toBe(61_000);
  expect(seek(at(5_000), 0, span).time).toBe(1_000);
});

test.each([
  ['at the end goes on with a ride that grows', at(61_000), 70_000],
  ['in the middle stays where it is', at(30_000), 30_000],
  ['that plays stays where it is', at(61_000, true), 61_000],
])('who is %s', (_who, replay, expected) => {
  expect(grown(replay, span, { from: 0, to: 70_000 }).time).toBe(expected);
});

test('a replay opens at the end of what is known', () => {
  expect(grown(at(0), undefined, span).time).toBe(61_000);
});

test.each([
  [30_000, 1],
  [600_000, 20],
  [1_800_000, 60],
  [86_400_000, 300],
])('a ride of %i ms is replayed %i times as fast at first', (length, expected) => {
  expect(rateFor({ from: 0, to: length })).toBe(expected);
});
