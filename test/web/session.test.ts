import { isOperator, subjectOf } from '../../web/session';

const tokenOf = (claims: object) => `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

test.each([
  ['an operator', { 'cognito:groups': ['operator'] }, true],
  ['an operator with other roles', { 'cognito:groups': ['viewer', 'operator'] }, true],
  ['an operator whose name needs the alphabet of URLs', { name: '???>>>~~~', 'cognito:groups': ['operator'] }, true],
  ['a viewer', { 'cognito:groups': ['viewer'] }, false],
  ['a role that only begins so', { 'cognito:groups': ['operators'] }, false],
  ['no roles', {}, false],
  ['roles of another shape', { 'cognito:groups': 'operator' }, false],
])('a token of %s', (_who, claims, expected) => {
  expect(isOperator(tokenOf(claims))).toBe(expected);
});

test.each(['', 'x', 'a.b.c', 'a.!!!.c', `a.${Buffer.from('[]').toString('base64url')}.c`])(
  '%j is no operator',
  (token) => {
    expect(isOperator(token)).toBe(false);
  },
);

test('a token says whose it is, where it does', () => {
  expect(subjectOf(tokenOf({ sub: 'car-7' }))).toBe('car-7');
  expect(subjectOf(tokenOf({}))).toBeUndefined();
  expect(subjectOf('not a token')).toBeUndefined();
});
