import { mayBeBehind, newerOf, newestHours } from '../../lambdas/latest/newest';

const at = (time: number, task = 't') => ({ device: 'd', task, position: { time, lat: 1, lon: 2 } });

test.each([
  ['nothing in Valkey', undefined, true],
  ['a position of now', 100_000, false],
  ['one of ten seconds ago', 90_000, true],
  ['one of less', 90_001, false],
  ['one of a clock that is ahead', 110_000, true],
])('%s', (_, time, behind) => {
  expect(mayBeBehind(time === undefined ? undefined : at(time), 100_000)).toBe(behind);
});

test.each([
  ['the table’s where Valkey has none', undefined, at(1), at(1)],
  ['Valkey’s where the table has none', at(1), undefined, at(1)],
  ['none where neither has one', undefined, undefined, undefined],
  ['the table’s where it is newer', at(1), at(2), at(2)],
  ['Valkey’s where it is newer', at(3), at(2), at(3)],
  ['Valkey’s where both are of one time', at(2, 'hot'), at(2, 'stored'), at(2, 'hot')],
])('of two positions %s counts', (_, hot, stored, expected) => {
  expect(newerOf(hot, stored)).toEqual(expected);
});

test('the hours of a day’s tasks come newest first, each with its tasks', () => {
  const day = 86_400_000;
  const days = [
    { task: 'a', day, hours: [3, 9] },
    { task: 'b', day, hours: [9, 4] },
  ];
  expect(
    newestHours(days).map(({ from, to, tasks }) => [(from - day) / 3_600_000, (to - from) / 3_600_000, tasks]),
  ).toEqual([
    [9, 1, ['a', 'b']],
    [4, 1, ['b']],
    [3, 1, ['a']],
  ]);
});
