import { createdAt } from '../../../local/streams/dynamodb';

const minute = 1_795_298_400;
const at = (seconds: number) => (minute + seconds) * 1_000;

test.each([
  ['read within its minute, a record is as old as its reading says', at(20), at(20)],
  ['read later, it was made within its minute', at(150), at(60) - 1],
  ['a clock that is behind makes no record older than its minute', at(-5), at(0)],
])('%s', (_, readAt, expected) => {
  expect(createdAt(minute, readAt)).toBe(expected);
});
