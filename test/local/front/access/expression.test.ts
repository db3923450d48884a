import { attributesIn, equalTo } from '../../../../local/front/access/expression';

const aliases = { '#a': 'first', '#b': 'second', '#dotted': 'x.y' };

test.each<[string, string[]]>([
  ['', []],
  ['plain', ['plain']],
  ['#a, #b,third', ['first', 'second', 'third']],
  ['#a.#b.c[0].d', ['first']],
  ['a[ 12 ][3].b, c', ['a', 'c']],
  ['#dotted', ['x.y']],
  ['#missing', ['#missing']],
  [
    'SET #a = if_not_exists(#b, :v) + :one, third=:t REMOVE fourth ADD fifth :n DELETE sixth :s',
    ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'],
  ],
  ['set a = list_append(b, :v) remove c', ['a', 'b', 'c']],
  ['SET remove = :v, add = delete', ['remove', 'add', 'delete']],
  ['REMOVE set, a', ['set', 'a']],
  ['attribute_not_exists(a) AND (b BETWEEN :x AND :y OR NOT c IN (:z, d))', ['a', 'b', 'c', 'd']],
  ['size(a.b) >= :n and begins_with (e, :p)', ['a', 'e']],
  ['attribute_type(a,:t)', ['a']],
  ['a<>:v or :v=b', ['a', 'b']],
])('%j names %j', (expression, names) => {
  expect(attributesIn(expression, aliases).sort()).toEqual(names.sort());
});

test.each<[string, string | undefined]>([
  ['id = :id', ':id'],
  ['at > :x AND id=:id', ':id'],
  ['(#a = :x) and (#id = :me)', ':me'],
  ['begins_with(id, :id)', undefined],
  ['id > :id', undefined],
])('the partition that %j demands is %j', (expression, placeholder) => {
  expect(equalTo('id', expression, { '#a': 'at', '#id': 'id' })).toBe(placeholder);
});
