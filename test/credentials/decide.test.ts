import fc from 'fast-check';
import { directWriteSchema } from '../../lambdas/contract/credentials';
import type { Role } from '../../lambdas/contract/identity';
import { idSchema } from '../../lambdas/contract/ids';
import {
  isCurrentDay,
  ownDevice,
  requireTrust,
  sessionName,
  sessionPolicy,
  toAnswer,
} from '../../lambdas/credentials/decide';

const tableArn = `arn:aws:dynamodb:ap-southeast-2:000000000000:table/${'t'.repeat(255)}`;
const ids = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/);
const caller = (sub: string, ...roles: Role[]) => ({ sub, roles: new Set(roles) });
const NOW = Date.UTC(2026, 6, 1, 12);

test('a session’s policy names exactly the one track, and fits into a call whatever the ids', () => {
  fc.assert(
    fc.property(ids, ids, (device, task) => {
      const { Statement } = JSON.parse(sessionPolicy(tableArn, device, task));
      expect(Statement).toHaveLength(1);
      expect(Statement[0].Condition['ForAllValues:StringEquals']).toEqual({
        'dynamodb:LeadingKeys': [`${device}#${task}`],
      });
    }),
  );
  expect(sessionPolicy(tableArn, 'd'.repeat(64), 't'.repeat(64)).length).toBeLessThan(1_100);
});

test.each(['*', 'a*', '?', 'a?b', '$' + '{aws:userid}', 'a#b', 'a/b', 'a b', '', 'é'])(
  'an id “%s” gets into no policy',
  (id) => {
    expect(idSchema.safeParse(id).success).toBe(false);
    expect(() => sessionPolicy(tableArn, id, 'task')).toThrow(RangeError);
    expect(() => sessionPolicy(tableArn, 'device', id)).toThrow(RangeError);
  },
);

test('a session has a name that STS takes, and that no other device has', () => {
  fc.assert(
    fc.property(ids, ids, (a, b) => {
      expect(sessionName(a)).toMatch(/^[\w+=,.@-]{2,64}$/);
      expect(sessionName(a) === sessionName(b)).toBe(a === b);
    }),
  );
});

test('a device asks for itself', () => {
  expect(ownDevice(caller('me', 'device'), { taskId: 't' })).toBe('me');
  expect(ownDevice(caller('me', 'device'), { taskId: 't', deviceId: 'me' })).toBe('me');
});

test.each<[string, Role[], string | undefined, string]>([
  ['a device for another', ['device'], 'you', 'not_yours'],
  ['an operator', ['operator'], undefined, 'role_missing'],
  ['a feeder for its device', ['feeder'], 'you', 'role_missing'],
  ['nobody', [], undefined, 'role_missing'],
])('%s gets none', (_, roles, deviceId, code) => {
  const ask = () => ownDevice(caller('me', ...roles), { taskId: 't', ...(deviceId !== undefined && { deviceId }) });
  expect(ask).toThrow(expect.objectContaining({ status: 403, code }));
});

test('a local day is a task by itself while it is somewhere on earth', () => {
  expect(['2026-06-30', '2026-07-01', '2026-07-02'].map((day) => isCurrentDay(day, NOW))).toEqual([true, true, true]);
  expect(['2026-06-28', '2026-07-04', '2026-7-1', 'ride'].map((day) => isCurrentDay(day, NOW))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('a device whose rows could not stay gets none until the next day', () => {
  expect(() => requireTrust(99, 100)).not.toThrow();
  expect(() => requireTrust(100, 100)).toThrow(
    expect.objectContaining({ status: 403, code: 'direct_write_suspended' }),
  );
});

test('the answer says where and how to write, and to renew while half of the time is left', () => {
  const issued = {
    credentials: { accessKeyId: 'a', secretAccessKey: 's', sessionToken: 't' },
    expiresAt: NOW + 3_600_000,
  };
  const place = { table: 'tracks', region: 'eu-west-1', endpoint: undefined, retentionDays: 400 };
  const [soon, late] = [0, 1].map((random) => toAnswer(issued, place, { device: 'me', task: 'r', now: NOW, random }));
  expect(directWriteSchema.parse(soon)).toEqual(soon);
  expect(soon).toMatchObject({
    table: 'tracks',
    region: 'eu-west-1',
    expiresAt: NOW + 3_600_000,
    renewAt: NOW + 0.4 * 3_600_000,
    row: {
      partitionKey: { name: 'track', value: 'me#r' },
      sortKey: { name: 'minute', prefix: 'r', digits: 8 },
      expires: { name: 'expires', secondsAfterMinute: 400 * 86_400 + 60 },
      point: { prefix: 'p' },
    },
    serverTime: NOW,
  });
  expect(soon).not.toHaveProperty('endpoint');
  expect(late?.renewAt).toBe(NOW + 0.5 * 3_600_000);
});
