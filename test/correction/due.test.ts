import fc from 'fast-check';
import { encodeEntry } from '../../lambdas/contract/journal';
import { decodeRideChange } from '../../lambdas/contract/ride-change';
import { MINUTE_MS } from '../../lambdas/contract/time';
import { CONTEXT_MINUTES } from '../../lambdas/correction/decide';
import { toDue, toJudge } from '../../lambdas/correction/due';

const track = { device: 'phone', task: 'ride' };
const points = [
  { time: 10 * MINUTE_MS + 5, lat: 1, lon: 2 },
  { time: 12 * MINUTE_MS, lat: 1, lon: 2 },
];

test('an entry of the journal says which minutes got points', () => {
  const entry = encodeEntry({ ...track, seq: 3, at: 7, points, rows: { r00000010: 1 }, newest: 720_000 }, 99);
  expect(decodeRideChange(entry)).toEqual({
    ...track,
    minutes: [10 * MINUTE_MS, 12 * MINUTE_MS],
    newest: 12 * MINUTE_MS,
    finished: false,
  });
});

test('a ride tells when it is over, and before that nothing', () => {
  const ride = { owner: 'phone', ride: '0001763719200000#trip:1', createdAt: 1_763_719_200_000 };
  expect(decodeRideChange({ ...ride, ride: '1763719200000#trip:1' })).toBeUndefined();
  expect(decodeRideChange({ ...ride, ride: '1763719200000#trip:1', newest: 60_000, finishedAt: 5 })).toEqual({
    device: 'phone',
    task: 'trip:1',
    minutes: [],
    newest: 60_000,
    finished: true,
  });
  expect(decodeRideChange({ owner: 'phone#ride', ride: 'h00489922' })).toBeUndefined();
});

test.each([
  ['an entry without its track', { owner: 'phone', ride: 'j0000000001', minutes: [0], newest: 0 }],
  ['an entry without minutes', { owner: 'phone#ride', ride: 'j0000000001', newest: 0 }],
])('%s is an error', (_, item) => {
  expect(() => decodeRideChange(item)).toThrow();
});

test('what several records say of a track is one piece of work', () => {
  const change = { ...track, minutes: [60_000], newest: 60_000, finished: false };
  const due = toDue([
    { sequence: 'a', value: change },
    { sequence: 'b', value: { ...change, task: 'other' } },
    { sequence: 'c', value: { ...change, minutes: [120_000], newest: undefined, finished: true } },
  ]);
  expect(due).toEqual([
    { ...track, minutes: [60_000, 120_000], newest: 60_000, finished: true, sequences: ['a', 'c'] },
    { ...track, task: 'other', minutes: [60_000], newest: 60_000, finished: false, sequences: ['b'] },
  ]);
});

test('a minute is judged when it is complete now and was not before, or when a point came near it', () => {
  const minute = fc.integer({ min: 0, max: 40 });
  const cases = fc.record({
    newest: minute,
    until: fc.option(minute, { nil: undefined }),
    minutes: fc.array(minute, { maxLength: 4 }),
    finished: fc.boolean(),
  });
  fc.assert(
    fc.property(cases, ({ newest, until = 0, minutes, finished }) => {
      const ms = (count: number) => count * MINUTE_MS;
      const ranges = toJudge({ minutes: minutes.map(ms), finished }, ms(newest), ms(until));
      for (let one = 0; one <= 45; one += 1) {
        const complete = finished ? one <= newest : one + CONTEXT_MINUTES < newest;
        const near = minutes.some((other) => Math.abs(other - one) <= CONTEXT_MINUTES);
        const ends = finished && one >= newest - CONTEXT_MINUTES;
        const judged = (complete && (one >= until || near || ends)) || (one < until && near);
        expect(ranges.filter(({ from, to }) => from <= ms(one) && ms(one) < to)).toHaveLength(judged ? 1 : 0);
      }
    }),
  );
});
