import fc from 'fast-check';
import { decodeRow, encodePoint, minuteKey, pointName, rowExpiry, rowVersion } from '../../lambdas/contract/track-row';
import type { Change } from '../../lambdas/platform/streams';
import { check, cleaned, isDirect } from '../../lambdas/rides/check';
import { positionAt, START } from '../tracks/arbitraries';

const DAYS = 400;
const expires = rowExpiry(START, DAYS);
const keys = { track: 'me#ride', minute: minuteKey(START) };
const AT = START + 30_000;

type Image = Record<string, unknown>;
const change = (before: Image | undefined, after: Image, at = AT): Change => ({
  kind: before ? 'MODIFY' : 'INSERT',
  before: before && { ...keys, expires, ...before },
  after: { ...keys, expires, ...after },
  at,
});
const verdictOf = (before: Image | undefined, after: Image, at = AT) => check(change(before, after, at), DAYS);

test.each<[string, Change, boolean]>([
  ['a row that a device began', change(undefined, { p0: '1,2' }), true],
  ['a point that a device added to a row of ours', change({ w: 'a' }, { w: 'a', p0: '1,2' }), true],
  ['a row of ours', change(undefined, { w: 'a', p0: '1,2' }), false],
  ['a point of ours in a device’s row', change({ p0: '1,2' }, { w: 'a', p0: '1,2', p1: '1,2' }), false],
  ['the registry of tasks', change(undefined, { track: 'me', minute: 'd2026-07-01#ride', hours: new Set([1]) }), false],
  ['what expired', { kind: 'REMOVE', before: { ...keys }, after: undefined, at: AT }, false],
])('%s', (_, given, direct) => {
  expect(isDirect(given)).toBe(direct);
  expect(check(given, DAYS) !== undefined).toBe(direct);
});

test('new points are told once, in order of time, and nothing has to be done to a good row', () => {
  const verdict = verdictOf({ w: 'a', p5000: '1,2' }, { w: 'a', p5000: '1,2', p15000: '1,3,,4', p7000: '1,2' });
  expect(verdict).toMatchObject({ device: 'me', task: 'ride', faults: [], mend: undefined });
  expect(verdict?.added).toEqual([
    { time: START + 7_000, lat: 1, lon: 2 },
    { time: START + 15_000, lat: 1, lon: 3, speed: 4 },
  ]);
});

const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`a${index}`, 1]));

test.each<[string, string, unknown, string]>([
  ['text that is none', 'p0', 'here', 'not_a_point'],
  ['a latitude beyond the pole', 'p0', '91,0', 'not_a_point'],
  ['a speed out of range', 'p0', '1,2,,501', 'not_a_point'],
  ['no place', 'p0', '0,0', 'null_island'],
  ['too many attributes', 'p0', `1,2${JSON.stringify(many)}`, 'attributes_too_many'],
  ['a number', 'p0', 41, 'wrong_type'],
  ['a map', 'p0', { lat: 1 }, 'wrong_type'],
  ['a name that is not written so', 'p007', '1,2', 'wrong_name'],
  ['a name past the minute', 'p60000', '1,2', 'wrong_name'],
  ['a name without a number', 'px', '1,2', 'wrong_name'],
])('a point with %s is taken out again, and the others stay', (_, name, value, code) => {
  const verdict = verdictOf(undefined, { [name]: value, p9: '1,2' });
  expect(verdict?.faults).toMatchObject([{ name, code, wrote: value }]);
  expect(verdict?.added).toEqual([{ time: START + 9, lat: 1, lon: 2 }]);
  expect([...(verdict?.mend?.remove ?? [])]).toEqual([[name, value]]);
  expect(verdict?.after).toEqual({ ...keys, expires, p9: '1,2' });
});

test('a point more than two minutes ahead of the moment of writing is taken out, to the second', () => {
  const at = START - 121_000;
  expect(verdictOf(undefined, { p0: '1,2' }, at)?.faults).toEqual([]);
  expect(verdictOf(undefined, { p1: '1,2' }, at)?.faults).toMatchObject([{ name: 'p1', code: 'time_in_future' }]);
});

test('a point older than the retention is taken out', () => {
  const at = START + (DAYS + 2) * 86_400_000;
  expect(verdictOf(undefined, { p0: '1,2' }, at)?.faults).toMatchObject([{ name: 'p0', code: 'time_too_old' }]);
});

test.each<[string, Image, string, unknown]>([
  ['overwritten', { p0: '3,4' }, 'overwritten', '3,4'],
  ['removed', {}, 'removed', undefined],
])('a point that was %s is put back', (_, after, code, wrote) => {
  const verdict = verdictOf({ w: 'a', p0: '1,2' }, { w: 'a', ...after });
  expect(verdict?.faults).toMatchObject([{ name: 'p0', code, wrote }]);
  expect([...(verdict?.mend?.put ?? [])]).toEqual([['p0', '1,2']]);
  expect(verdict?.after).toMatchObject({ p0: '1,2' });
  expect(verdict?.added).toEqual([]);
});

test('a bad point may be made good by its device', () => {
  const verdict = verdictOf({ p0: 'here' }, { p0: '1,2' });
  expect(verdict).toMatchObject({ faults: [], mend: undefined, added: [{ time: START, lat: 1, lon: 2 }] });
});

test.each<[string, Image, Image | undefined]>([
  ['sooner than the rest', { expires: 5 }, undefined],
  ['later', { expires: expires + 1 }, undefined],
  ['never', { expires: undefined }, undefined],
  ['as a text', { expires: String(expires) }, undefined],
  ['sooner, where it was right before', { expires: 5 }, { p0: '1,2' }],
])('a row that would expire %s is set right', (_, after, before) => {
  const verdict = verdictOf(before, { p0: '1,2', ...after });
  expect(verdict?.faults).toMatchObject([{ name: 'expires', code: 'wrong_expiry' }]);
  expect([...(verdict?.mend?.put ?? [])]).toEqual([['expires', expires]]);
});

test.each(['c29714400', 'r29714400s014', 'r1', 'd2026-07-01', 'x', 'r297144000', 'place'])(
  'a device writes no row “%s”',
  (minute) => {
    const verdict = verdictOf(undefined, { minute, p0: '1,2' });
    expect(verdict?.faults).toMatchObject([{ name: 'p0', code: 'wrong_row' }]);
    expect(verdict?.added).toEqual([]);
    expect(Number(verdict?.after.expires)).toBeGreaterThan(AT / 1_000);
  },
);

test('a write of ours upon a bad point that is not mended yet is read without it', () => {
  const bad = { p0: '0,0' };
  const ours = change({ ...bad }, { ...bad, w: 'a', p5: '1,2' });
  expect(check(ours, DAYS)).toBeUndefined();
  expect(cleaned(ours, undefined)).toMatchObject({ before: { ...keys, expires }, after: { w: 'a', p5: '1,2' } });
  expect(cleaned(ours, undefined).after).not.toHaveProperty('p0');
});

test('a row’s version never goes back: not by a bad point, nor by its mending', () => {
  const states = [{ p1: '1,2' }, { p1: '1,2', p2: '91,0', p3: '0,0' }, { p1: '1,2', m: 2 }];
  const versions = states.map((state) => {
    const { after } = cleaned(change({}, state), undefined);
    const row = decodeRow(after ?? {});
    return row && rowVersion(row);
  });
  expect(versions).toEqual([1, 1, 5]);
});

const anything = fc.oneof(
  fc.string(),
  fc.double(),
  fc.constant(null),
  fc.array(fc.string()),
  fc.object({ maxDepth: 1 }),
);
const names = fc.oneof(fc.stringMatching(/^p\d{0,6}$/), fc.constantFrom('p', 'expires', 'w', 'm', 'full', 'minute'));
const images = fc.dictionary(names, anything, { maxKeys: 6 });

test('whatever stands in a row, it is judged; mended, it is found right, and adds nothing', () => {
  fc.assert(
    fc.property(fc.option(images, { nil: undefined }), images, (before, after) => {
      const verdict = verdictOf(before, { ...after, w: before?.w });
      if (!verdict) return;
      const again = check(change(verdict.after, verdict.after), DAYS);
      expect(again).toMatchObject({ added: [], mend: undefined });
    }),
  );
});

test('all that ingest would take stays', () => {
  const points = fc.uniqueArray(positionAt(fc.integer({ min: START, max: START + 59_999 })), {
    selector: ({ time }) => time,
    maxLength: 20,
  });
  fc.assert(
    fc.property(points, (some) => {
      const good = some.filter(({ lat, lon }) => lat !== 0 || lon !== 0);
      const row = Object.fromEntries(good.map((point) => [pointName(point.time), encodePoint(point)]));
      expect(verdictOf(undefined, row)).toMatchObject({
        faults: [],
        mend: undefined,
        added: good.sort((a, b) => a.time - b.time),
      });
    }),
  );
});
