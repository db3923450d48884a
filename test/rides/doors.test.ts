import { lines } from '../../lambdas/platform/log';
import { isOutage } from '../../lambdas/platform/outage';
import { type RowChange, rowNumber, toRowChange } from '../../lambdas/rides/changes';
import { keepRows } from '../../lambdas/rides/keep-rows';
import { ownerOf, placeOfCursor, toCursor } from '../../lambdas/rides/request';
import type { Track } from '../../lambdas/rides/ride';

const change = (device: string, time: number): RowChange => ({
  ...{ device, task: 't', row: 'r00000000', minute: 0, before: undefined },
  after: { version: 1, points: [{ time, lat: 1, lon: 2 }] },
});
const read = (sequence: string, value: RowChange) => ({ sequence, value });
const away = Object.assign(new Error('no answer'), { code: 'ECONNREFUSED' });
const soon = () => Date.now() + 60_000;

beforeEach(() => {
  jest.spyOn(lines, 'error').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

test('the rows of a track are counted together, in the order of the stream', async () => {
  const kept: [Track, number[]][] = [];
  const keeper = {
    keep: async (track: Track, changes: readonly RowChange[]) =>
      void kept.push([track, changes.map(({ after }) => after.points[0]?.time ?? 0)]),
  };
  await keepRows(keeper, [read('1', change('a', 1)), read('2', change('b', 2)), read('3', change('a', 3))], soon());
  expect(kept).toEqual([
    [{ device: 'a', task: 't' }, [1, 3]],
    [{ device: 'b', task: 't' }, [2]],
  ]);
});

test('a ride that can’t be counted is reported, and holds up no other', async () => {
  const keeper = {
    keep: async ({ device }: Track) => {
      if (device === 'a') throw new RangeError('broken');
    },
  };
  const failed = await keepRows(
    keeper,
    [read('1', change('a', 1)), read('2', change('b', 2)), read('3', change('a', 3))],
    soon(),
  );
  expect(failed).toEqual(['1', '3']);
});

test('an outage is waited out', async () => {
  expect(isOutage(away)).toBe(true);
  let tries = 0;
  const keeper = {
    keep: async () => {
      tries += 1;
      if (tries < 4) throw away;
    },
  };
  const waits: number[] = [];
  expect(await keepRows(keeper, [read('1', change('a', 1))], soon(), async (ms) => waits.push(ms))).toEqual([]);
  expect(waits).toEqual([250, 500, 1_000]);
});

test('an outage that outlasts the function is reported', async () => {
  const keeper = { keep: () => Promise.reject(away) };
  expect(await keepRows(keeper, [read('1', change('a', 1))], Date.now() - 1)).toEqual(['1']);
});

const item = (minute: string, points: object) => ({ track: 'd#t', minute, ...points });

test.each([
  [
    'the registry',
    { kind: 'INSERT', before: undefined, after: { track: 'd', minute: 'd2026-07-01#t', hours: new Set([1]) } },
  ],
  ['a corrected row', { kind: 'INSERT', before: undefined, after: item('c29933220', { p0: '1,2' }) }],
  ['a row that expires', { kind: 'REMOVE', before: item('r29933220', { p0: '1,2' }), after: undefined }],
  ['a row of a name that no row has', { kind: 'INSERT', before: undefined, after: item('r29933220x', { p0: '1,2' }) }],
  ['a row that never had a point', { kind: 'INSERT', before: undefined, after: item('r29933220', { expires: 5 }) }],
] as const)('%s changes no ride', (_, { kind, before, after }) => {
  expect(toRowChange({ kind, before, after, at: 0 })).toBeUndefined();
});

test('a row’s change has both images, each with a version that grows', () => {
  const before = item('r29933220', { p0: '1,2', p5000: '1,2' });
  const after = item('r29933220', { p0: '1,2', p5000: '1,2', p9000: '1,2' });
  expect(toRowChange({ kind: 'MODIFY', before, after, at: 0 })).toMatchObject({
    ...{ device: 'd', task: 't', row: 'r29933220', minute: 29_933_220 * 60_000 },
    before: { version: 2 },
    after: { version: 3 },
  });
});

test('rows of an hour are numbered apart, those that overflowed too', () => {
  const numbers = ['r29933220', 'r29933221', 'r29933221s000', 'r29933221s119', 'r29933220s000'].map(rowNumber);
  expect(new Set(numbers).size).toBe(5);
  expect(() => rowNumber('d2026-07-01#t')).toThrow(RangeError);
});

const identity = (sub: string, ...roles: ('operator' | 'device')[]) => ({ sub, roles: new Set(roles) });

test('rides are for their owner and for operators', () => {
  expect(ownerOf(identity('ada', 'device'), undefined)).toBe('ada');
  expect(ownerOf(identity('ada', 'device'), 'ada')).toBe('ada');
  expect(ownerOf(identity('olga', 'operator'), 'ada')).toBe('ada');
  expect(() => ownerOf(identity('eve', 'device'), 'ada')).toThrow(
    expect.objectContaining({ status: 403, code: 'not_yours' }),
  );
});

test('a cursor of rides goes on with its own list only', () => {
  const cursor = toCursor('ada', '1782864000000#t');
  expect(placeOfCursor('ada', cursor)).toBe('1782864000000#t');
  expect(() => placeOfCursor('eve', cursor)).toThrow(expect.objectContaining({ status: 400, code: 'foreign_cursor' }));
});
