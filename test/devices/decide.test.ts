import type { Identity, Role } from '../../lambdas/contract/identity';
import { described, holderOf, mayManage, type Wish } from '../../lambdas/devices/decide';

const who = (sub: string, ...roles: Role[]): Identity => ({ sub, roles: new Set(roles) });
const wish = (fields: Partial<Wish> = {}): Wish => ({ role: 'device', ...fields });

test.each<[string, Wish, Identity, string]>([
  ['a device for itself', wish(), who('bike-7', 'device'), 'bike-7'],
  ['a device for itself by name', wish({ deviceId: 'bike-7' }), who('bike-7', 'device'), 'bike-7'],
  ['a feeder for itself', wish({ role: 'feeder' }), who('stcp', 'feeder'), 'stcp'],
  ['an operator for anyone', wish({ deviceId: 'bike-7' }), who('olga', 'operator'), 'bike-7'],
  ['an operator for a feed', wish({ deviceId: 'stcp', role: 'feeder' }), who('olga', 'operator'), 'stcp'],
  ['an operator with friends', wish({ deviceId: 'a', friends: ['b'] }), who('olga', 'operator'), 'a'],
])('%s may have a key', (_, asked, identity, holder) => {
  expect(holderOf(asked, identity)).toBe(holder);
});

test.each<[string, Wish, Identity, string]>([
  ['a device for another', wish({ deviceId: 'bike-8' }), who('bike-7', 'device'), 'not_yours'],
  ['a device as a feeder', wish({ role: 'feeder' }), who('bike-7', 'device'), 'role_missing'],
  ['a feeder as a device', wish(), who('stcp', 'feeder'), 'role_missing'],
  ['a device that names friends', wish({ friends: ['bike-8'] }), who('bike-7', 'device'), 'role_missing'],
  ['a viewer', wish(), who('ana', 'viewer'), 'role_missing'],
  ['nobody in particular', wish(), who('ana'), 'role_missing'],
])('%s may not', (_, asked, identity, code) => {
  expect(() => holderOf(asked, identity)).toThrow(expect.objectContaining({ status: 403, code }));
});

test('keys are seen and revoked by their device and by operators', () => {
  expect(() => mayManage('bike-7', who('bike-7', 'device'))).not.toThrow();
  expect(() => mayManage('bike-7', who('olga', 'operator'))).not.toThrow();
  expect(() => mayManage('bike-7', who('bike-8', 'device'))).toThrow(expect.objectContaining({ code: 'not_yours' }));
  expect(() => mayManage('bike-7', who('bike-7', 'viewer'))).toThrow(expect.objectContaining({ code: 'role_missing' }));
});

test('nothing that opens anything is told of a key', () => {
  const item = {
    device: 'bike-7',
    key: '0h3k9q2x',
    digest: 'd1ge57',
    role: 'device' as const,
    created: 1,
    name: 'phone',
  };
  expect(described(item)).toEqual({ keyId: '0h3k9q2x', role: 'device', name: 'phone', createdAt: 1 });
});
