import { compileFilters } from '../../../local/streams/filter';

const record = {
  kind: 'ride',
  count: 3,
  tags: ['a', 'b'],
  dynamodb: { Keys: { id: { S: 'p17' } }, Old: null },
  on: true,
};

test.each<[string, unknown, boolean]>([
  ['an equal text', { kind: ['ride'] }, true],
  ['another text', { kind: ['trip'] }, false],
  ['one of several values', { kind: ['trip', 'ride'] }, true],
  ['every field', { kind: ['ride'], count: [4] }, false],
  ['a number', { count: [3] }, true],
  ['a number is no text', { count: ['3'] }, false],
  ['true', { on: [true] }, true],
  ['null', { dynamodb: { Old: [null] } }, true],
  ['a nested field', { dynamodb: { Keys: { id: { S: ['p17'] } } } }, true],
  ['an entry of a list', { tags: ['b'] }, true],
  ['no entry of a list', { tags: ['c'] }, false],
  ['a prefix', { dynamodb: { Keys: { id: { S: [{ prefix: 'p' }] } } } }, true],
  ['another prefix', { kind: [{ prefix: 'x' }] }, false],
  ['a prefix in any case', { kind: [{ prefix: { 'equals-ignore-case': 'RI' } }] }, true],
  ['a suffix', { kind: [{ suffix: 'de' }] }, true],
  ['a text in any case', { kind: [{ 'equals-ignore-case': 'RIDE' }] }, true],
  ['a field that exists', { kind: [{ exists: true }] }, true],
  ['exists of a field that does not', { nope: [{ exists: true }] }, false],
  ['a field that does not exist', { nope: [{ exists: false }] }, true],
  ['not exists of a field that does', { kind: [{ exists: false }] }, false],
  ['a nested field that does not exist', { dynamodb: { New: { S: [{ exists: false }] } } }, true],
  ['a range', { count: [{ numeric: ['>', 2, '<=', 3] }] }, true],
  ['outside a range', { count: [{ numeric: ['>', 3] }] }, false],
  ['a text is in no range', { kind: [{ numeric: ['>', 0] }] }, false],
  ['anything but', { kind: [{ 'anything-but': ['trip', 'order'] }] }, true],
  ['anything but this', { kind: [{ 'anything-but': 'ride' }] }, false],
  ['anything but a prefix', { kind: [{ 'anything-but': { prefix: 'ri' } }] }, false],
  ['anything but of a missing field', { nope: [{ 'anything-but': 'x' }] }, false],
  ['one of two patterns', { $or: [{ kind: ['trip'] }, { count: [3] }] }, true],
  ['neither of two patterns', { $or: [{ kind: ['trip'] }, { count: [4] }] }, false],
  ['a pattern beside alternatives', { on: [false], $or: [{ kind: ['ride'] }, { count: [4] }] }, false],
])('%s', (_, pattern, expected) => {
  expect(compileFilters([JSON.stringify(pattern)])(record)).toBe(expected);
});

test('a record passes when any of the filters matches', () => {
  const matches = compileFilters(['{"kind":["trip"]}', '{"count":[3]}']);
  expect(matches(record)).toBe(true);
});

test.each([
  'nonsense',
  '[]',
  '{}',
  '{"a":"text"}',
  '{"a":[]}',
  '{"a":[["b"]]}',
  '{"a":[{"like":"x"}]}',
  '{"a":[{"prefix":3}]}',
  '{"a":[{"numeric":[">"]}]}',
  '{"a":[{"numeric":["~",1]}]}',
  '{"a":[{"exists":"yes"}]}',
  '{"$or":[{"a":[1]}]}',
])('the pattern %s is an error', (pattern) => {
  expect(() => compileFilters([pattern])).toThrow('is not valid');
});
