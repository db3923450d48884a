import { openedBy, rideAddress } from '../../../web/ride/address';
import { summaryOf } from '../../../web/ride/rides-list';
import { correctionWords, type Known, messageOf, stateOf } from '../../../web/ride/words';

const ride = { owner: 'car', task: 'ride', state: 'active', createdAt: 0 } as const;
const known = (more: Partial<Known>): Known => ({
  owner: 'car',
  task: 'ride',
  reading: 'ok',
  points: 0,
  ride: undefined,
  refused: undefined,
  ...more,
});

test.each<[string, Partial<Known>, RegExp | undefined]>([
  ['before an answer', { reading: undefined }, /^Reading the track/],
  ['of a ride that does not exist', { reading: 'missing' }, /^There is no ride “ride” of “car”, or it is not yours/],
  ['of a ride that has begun', { reading: 'missing', ride }, /^Nothing yet/],
  ['of a track without a point', { reading: 'ok' }, /^Nothing yet/],
  ['without a line', { reading: 'lost' }, /does not answer/],
  ['of what is refused', { refused: 'Not yours.' }, /^Not yours\.$/],
  ['where there is a track', { points: 1 }, undefined],
  ['where there is a track and the line is down', { points: 1, reading: 'lost' }, undefined],
])('%s the page says what it knows', (_when, what, expected) => {
  const message = messageOf(known(what));
  if (expected) expect(message).toMatch(expected);
  else expect(message).toBeUndefined();
});

test.each<[Partial<Known>, string]>([
  [{ reading: undefined }, 'connecting'],
  [{ reading: 'lost', ride }, 'lost'],
  [{ points: 3, ride }, 'open'],
  [{ points: 3 }, 'open'],
  [{ ride: { ...ride, state: 'finished' } }, 'finished'],
  [{ reading: 'missing' }, 'connecting'],
  [{ refused: 'x' }, 'lost'],
])('%j is the state %s', (what, expected) => {
  expect(stateOf(known(what)).state).toBe(expected);
});

const noon = Date.UTC(2026, 6, 1, 12);
const raw = { from: noon - 1, to: noon };

test.each([
  ['not asked yet', undefined, /^Reading/],
  [
    'refused',
    { problem: 'Unknown parameter `view`.', points: 0, until: undefined },
    /^No corrected track: Unknown par/,
  ],
  ['not there yet', { points: 0, until: undefined }, /^Not corrected yet: the raw track is shown/],
  ['behind', { points: 9, until: noon - 60_000 }, /^Corrected up to 11:59:00; what came later will be\.$/],
  ['whole', { points: 9, until: noon + 1 }, /^$/],
])('a corrected track that is %s is told of', (_how, correction, expected) => {
  expect(correctionWords(correction, raw, 'UTC')).toMatch(expected);
});

test('a page’s address leads back to what it was opened for', () => {
  const address = rideAddress('taxi:1', '2026-07-01');
  expect(openedBy(new URL(address, 'https://console.test').search)).toEqual({ owner: 'taxi:1', task: '2026-07-01' });
  expect(rideAddress(undefined)).toBe('./ride.html?');
});

test('what can’t be an id is not asked for', () => {
  expect(openedBy('?owner=a/b&task=%3Cscript%3E')).toEqual({ owner: undefined, task: undefined });
  expect(openedBy('')).toEqual({ owner: undefined, task: undefined });
});

test('a list says of each ride when it was and how far it went', () => {
  const statistics = {
    points: 2,
    startedAt: noon,
    endedAt: noon + 60_000,
    distance: 1_234,
    elapsedSeconds: 60,
    movingSeconds: 60,
    averageSpeed: 20,
    maximumSpeed: 20,
    boundingBox: { west: 0, south: 0, east: 0, north: 0 },
    polyline: '',
    gaps: { count: 0, seconds: 0 },
    spikes: 0,
  };
  expect(summaryOf({ ...ride, activity: 'cycling', statistics }, 'UTC')).toEqual({
    when: '1 Jul 2026, 12:00:00',
    what: '1.2 km · 1 min 00 s · cycling · going on',
  });
  expect(summaryOf({ ...ride, state: 'finished', statistics }, 'UTC').what).toBe('1.2 km · 1 min 00 s');
  expect(summaryOf({ ...ride, activity: 'cycling' }).when).toBe('no point yet');
});
