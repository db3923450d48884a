import { parseRoles, requireRole, toIdentity } from '../../lambdas/contract/identity';

test.each([
  ['a list', ['operator', 'viewer']],
  ['a list as the HTTP API renders it', '[operator viewer]'],
  ['a list as the socket’s authorizer passes it on', 'operator,viewer'],
  ['a list with names that are no role', ['viewer', 'admin', 'operator', 5]],
])('roles are read from %s', (_, groups) => {
  expect(parseRoles(groups)).toEqual(new Set(['operator', 'viewer']));
});

test.each([undefined, null, '', '[]', {}, 5, 'operators', 'OPERATOR'])('%j names no role', (groups) => {
  expect(parseRoles(groups)).toEqual(new Set());
});

test.each([undefined, '', 'a b', 'a#b', 'a*', 'x'.repeat(65), 5])('%j is nobody', (sub) => {
  expect(() => toIdentity(sub, [])).toThrow(expect.objectContaining({ status: 403, code: 'token_subject' }));
});

test('whoever has one of the roles may pass, others may not', () => {
  const identity = toIdentity('taxi-1', '[device feeder]');
  expect(identity).toEqual({ sub: 'taxi-1', roles: new Set(['device', 'feeder']) });
  expect(() => requireRole(identity, 'operator', 'feeder')).not.toThrow();
  expect(() => requireRole(identity, 'operator', 'viewer')).toThrow(
    expect.objectContaining({ status: 403, code: 'role_missing', detail: 'This needs the role operator or viewer.' }),
  );
});
