import type { Role } from '../../lambdas/contract/identity';
import { mayRead, toNearby } from '../../lambdas/latest/decide';

const position = { time: 1, lat: 41.15, lon: -8.61, speed: 3, accuracy: 9, attributes: { occupied: true } };
const latest = { device: 'taxi-1', task: 't', by: 'feed', position };

test.each<[string, string, Role[], boolean]>([
  ['the device itself', 'taxi-1', ['device'], true],
  ['an operator', 'someone', ['operator'], true],
  ['the feeder that reported it', 'feed', ['feeder'], true],
  ['another feeder', 'other', ['feeder'], false],
  ['who has the feeder’s name and not its role', 'feed', ['viewer'], false],
  ['a viewer', 'someone', ['viewer'], false],
  ['another device', 'taxi-2', ['device'], false],
])('%s', (_, sub, roles, allowed) => {
  expect(mayRead({ sub, roles: new Set(roles) }, latest)).toBe(allowed);
});

test('nearby tells names, places and movement, and nothing else', () => {
  const answer = toNearby([{ ...latest, distance: 12.34567 }], (device) => `name of ${device}`);
  expect(answer).toEqual({
    positions: [{ vehicle: 'name of taxi-1', distance: 12.346, time: 1, lat: 41.15, lon: -8.61, speed: 3 }],
  });
});
