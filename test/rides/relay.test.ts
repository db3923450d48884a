import { decodeBatch } from '../../lambdas/contract/batch';
import { minuteKey, rowExpiry } from '../../lambdas/contract/track-row';
import { lines } from '../../lambdas/platform/log';
import { StreamUnavailable } from '../../lambdas/platform/stream-writer';
import type { Change, Read } from '../../lambdas/platform/streams';
import type { Verdict } from '../../lambdas/rides/check';
import { Direct, toBatches } from '../../lambdas/rides/relay';
import { START } from '../tracks/arbitraries';

const DAYS = 400;
const AT = START + 30_000;
type Image = Record<string, unknown>;

const read = (sequence: string, before: Image | undefined, after: Image, device = 'me'): Read<Change> => {
  const keys = { track: `${device}#ride`, minute: minuteKey(START), expires: rowExpiry(START, DAYS) };
  const value: Change = {
    kind: before ? 'MODIFY' : 'INSERT',
    before: before && { ...keys, ...before },
    after: { ...keys, ...after },
    at: AT,
  };
  return { sequence, value };
};

/** What the consumer of rows stands on, and what it did with it. */
function newRig() {
  const rig = {
    order: [] as string[],
    aside: [] as [string, unknown][],
    mended: [] as string[],
    counted: [] as [string, number][],
    relayed: [] as ReturnType<typeof decodeBatch>[],
    /** thrown by the named call, once each */
    failing: new Map<string, unknown>(),
  };
  const step = async (name: string) => {
    rig.order.push(name);
    const error = rig.failing.get(name);
    rig.failing.delete(name);
    if (error !== undefined) throw error;
  };
  const direct = new Direct({
    retentionDays: DAYS,
    aside: {
      put: async (key, body) => {
        await step('aside');
        rig.aside.push([key, JSON.parse(body)]);
      },
    },
    mender: {
      mend: async (_verdict: Verdict, mend, sequence) => {
        await step('mend');
        if (rig.mended.includes(sequence)) return 0;
        rig.mended.push(sequence);
        return mend.remove.size + mend.put.size;
      },
      count: async (device, points) => {
        await step('count');
        rig.counted.push([device, points]);
      },
    },
    positions: {
      put: async (records) => {
        await step('relay');
        rig.relayed.push(...records.map(({ data }) => decodeBatch(data)));
      },
    },
  });
  return Object.assign(rig, { direct });
}

beforeEach(() => jest.spyOn(lines, 'log').mockImplementation(() => undefined));
beforeEach(() => jest.spyOn(lines, 'error').mockImplementation(() => undefined));
afterEach(() => jest.restoreAllMocks());

const soon = () => Date.now() + 2_000;

test('good points of a device go to the stream of positions, marked as stored, one batch a track', async () => {
  const rig = newRig();
  const { changes, failed } = await rig.direct.handle(
    [read('1', undefined, { p0: '1,2' }), read('2', { p0: '1,2' }, { p0: '1,2', p5000: '1,3' })],
    soon(),
  );
  expect(rig.relayed).toMatchObject([
    { device: 'me', task: 'ride', stored: true, points: [{ time: START }, { time: START + 5_000 }] },
  ]);
  expect([changes.length, failed.size, rig.order]).toEqual([2, 0, ['relay']]);
});

test('what ingest has written is passed on untouched, and costs nothing', async () => {
  const rig = newRig();
  const reads = [read('1', undefined, { w: 'a', p0: '1,2' })];
  expect(await rig.direct.handle(reads, soon())).toEqual({ changes: reads, failed: new Set() });
  expect(rig.order).toEqual([]);
});

test('what can’t stay is set aside with the reason before it is taken away, and counted', async () => {
  const rig = newRig();
  const { changes } = await rig.direct.handle([read('7', undefined, { p0: 'here', p9: '1,2' })], soon());
  expect(rig.order).toEqual(['aside', 'mend', 'count', 'relay']);
  const [[key, notes] = []] = rig.aside;
  expect(key).toBe(`refused/${new Date(AT).toISOString().slice(0, 10)}/7.json`);
  expect(notes).toMatchObject([
    { device: 'me', task: 'ride', row: minuteKey(START), faults: [{ name: 'p0', code: 'not_a_point', wrote: 'here' }] },
  ]);
  expect(rig.counted).toEqual([['me', 1]]);
  expect(changes[0]?.value.after).not.toHaveProperty('p0');
  expect(rig.relayed).toMatchObject([{ points: [{ time: START + 9 }] }]);
});

test('a record that comes again is mended and counted once', async () => {
  const rig = newRig();
  const reads = [read('7', undefined, { p0: 'here' })];
  await rig.direct.handle(reads, soon());
  await rig.direct.handle(reads, soon());
  expect(rig.counted).toEqual([['me', 1]]);
  expect(new Set(rig.aside.map(([key]) => key)).size).toBe(1);
});

test('what could not be set aside is not taken away, and is tried again', async () => {
  const rig = newRig();
  rig.failing.set('aside', new Error('no'));
  const reads = [read('1', undefined, { p0: 'here' }), read('2', undefined, { p0: '1,2' }, 'you')];
  expect(await rig.direct.handle(reads, soon())).toMatchObject({ failed: new Set(['1']) });
  expect(rig.mended).toEqual([]);
  expect(rig.relayed).toMatchObject([{ device: 'you' }]);
});

test('one row that can’t be mended holds up no other', async () => {
  const rig = newRig();
  rig.failing.set('mend', new Error('no'));
  const reads = [read('1', undefined, { p0: 'here' }), read('2', undefined, { p0: 'there' }, 'you')];
  expect(await rig.direct.handle(reads, soon())).toMatchObject({ failed: new Set(['1']) });
  expect(rig.counted).toEqual([['you', 1]]);
});

test('an outage is waited for; past the deadline the records are tried again', async () => {
  const rig = newRig();
  const reads = [read('1', undefined, { p0: '1,2' })];
  rig.failing.set('relay', new StreamUnavailable('away'));
  expect(await rig.direct.handle(reads, soon())).toMatchObject({ failed: new Set() });
  expect(rig.order).toEqual(['relay', 'relay']);
  rig.failing.set('relay', new StreamUnavailable('away'));
  expect(await rig.direct.handle(reads, Date.now())).toMatchObject({ failed: new Set(['1']) });
});

test('a long row goes in records of a request’s size', () => {
  const added = Array.from({ length: 2_001 }, (_, index) => ({ time: START + index, lat: 1, lon: 2 }));
  const batches = toBatches([{ device: 'me', task: 'ride', added }], AT);
  expect(batches.map(({ points, stored, at }) => [points.length, stored, at])).toEqual([
    [1_000, true, AT],
    [1_000, true, AT],
    [1, true, AT],
  ]);
});
