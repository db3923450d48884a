import fc from 'fast-check';
import { type GivenUp, processBatch } from '../../../local/streams/process';
import { outcomeOf, settle } from '../../../local/streams/settle';

const sequences = ['10', '11', '12', '13'];

test.each<[string, unknown, unknown]>([
  ['no answer', undefined, { ok: true }],
  ['null', null, { ok: true }],
  ['an empty object', {}, { ok: true }],
  ['a null list', { batchItemFailures: null }, { ok: true }],
  ['an empty list', { batchItemFailures: [] }, { ok: true }],
  ['one failure', { batchItemFailures: [{ itemIdentifier: '12' }] }, { ok: false, failedFrom: 2 }],
  [
    'several failures: the lowest',
    { batchItemFailures: [{ itemIdentifier: '13' }, { itemIdentifier: '11' }] },
    { ok: false, failedFrom: 1 },
  ],
  ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }, { ok: false, failedFrom: 0 }],
  ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }, { ok: false, failedFrom: 0 }],
  ['a wrong key', { batchItemFailures: [{ id: '12' }] }, { ok: false, failedFrom: 0 }],
  [
    'an identifier of no record',
    { batchItemFailures: [{ itemIdentifier: '13' }, { itemIdentifier: '99' }] },
    { ok: false, failedFrom: 0 },
  ],
  ['a list that is none', { batchItemFailures: 'all' }, { ok: false, failedFrom: 0 }],
])('the answer %s is read as AWS reads it', (_, answer, outcome) => {
  expect(outcomeOf(answer, sequences)).toEqual(outcome);
});

test('without bisect, a partial failure retries what is left and uses up a retry', () => {
  const result = settle(
    { records: [1, 2, 3], retries: 1 },
    { ok: false, failedFrom: 1 },
    { maximumRetries: 3, bisect: false },
  );
  expect(result).toEqual({ succeeded: [1], again: [{ records: [2, 3], retries: 2 }], retry: true, givenUp: [] });
});

test('with bisect, a batch splits at the reported record, and splitting uses no retry', () => {
  const policy = { maximumRetries: 3, bisect: true };
  expect(settle({ records: [1, 2, 3], retries: 1 }, { ok: false, failedFrom: 1 }, policy)).toEqual({
    succeeded: [1],
    again: [{ records: [2, 3], retries: 1 }],
    retry: false,
    givenUp: [],
  });
  expect(settle({ records: [1, 2, 3], retries: 0 }, { ok: false, failedFrom: 0 }, policy).again).toEqual([
    { records: [1, 2], retries: 0 },
    { records: [3], retries: 0 },
  ]);
});

test('when the retries are used up, what is left is given up whole', () => {
  const result = settle(
    { records: [1, 2, 3], retries: 3 },
    { ok: false, failedFrom: 1 },
    { maximumRetries: 3, bisect: false },
  );
  expect(result).toEqual({ succeeded: [1], again: [], retry: false, givenUp: [2, 3] });
});

interface Run {
  settled: number[];
  failures: GivenUp<number>[];
  calls: number[][];
}

/** Runs a batch against a function that fails on some records, and throws or reports them. */
async function run(
  size: number,
  poison: ReadonlySet<number>,
  policy: { maximumRetries: number; bisect: boolean },
  reports: boolean,
  mendsAfter = Number.POSITIVE_INFINITY,
): Promise<Run> {
  const result: Run = { settled: [], failures: [], calls: [] };
  const tries = new Map<number, number>();
  await processBatch(
    Array.from({ length: size }, (_, index) => index),
    {
      policy,
      signal: new AbortController().signal,
      tooOld: () => false,
      pause: async () => undefined,
      settled: (records) => result.settled.push(...records),
      giveUp: async (failure) => {
        result.failures.push(failure);
      },
      invoke: async (records) => {
        result.calls.push([...records]);
        const failed = records.filter((record) => {
          if (!poison.has(record)) return false;
          tries.set(record, (tries.get(record) ?? 0) + 1);
          return (tries.get(record) ?? 0) <= mendsAfter;
        });
        const ids = { batchItemFailures: failed.map((record) => ({ itemIdentifier: String(record) })) };
        if (reports) return { kind: 'done', outcome: outcomeOf(ids, records.map(String)) };
        return { kind: 'done', outcome: failed.length > 0 ? { ok: false, failedFrom: 0 } : { ok: true } };
      },
    },
  );
  return result;
}

const cases = fc.record({
  size: fc.integer({ min: 1, max: 40 }),
  poison: fc.uniqueArray(fc.nat(39), { maxLength: 6 }),
  retries: fc.integer({ min: 0, max: 4 }),
  reports: fc.boolean(),
});

test('every record is settled exactly once and in order, whichever fail', async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.boolean(), async ({ size, poison, retries, reports }, bisect) => {
      const { settled } = await run(size, new Set(poison), { maximumRetries: retries, bisect }, reports);
      expect(settled).toEqual(Array.from({ length: size }, (_, index) => index));
    }),
  );
});

test('with bisect exactly the poisoned records are given up, each alone and after its retries', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ size, poison, retries, reports }) => {
      const bad = poison.filter((record) => record < size).sort((a, b) => a - b);
      const { failures, calls } = await run(size, new Set(poison), { maximumRetries: retries, bisect: true }, reports);
      expect(failures.map(({ records }) => records)).toEqual(bad.map((record) => [record]));
      for (const record of bad) {
        expect(calls.filter((call) => call.length === 1 && call[0] === record)).toHaveLength(retries + 1);
      }
    }),
  );
});

test('without bisect a batch is tried once and retried as often as it may be, then given up from the failure on', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ size, poison, retries, reports }) => {
      const first = poison.filter((record) => record < size).sort((a, b) => a - b)[0];
      const { failures, calls } = await run(size, new Set(poison), { maximumRetries: retries, bisect: false }, reports);
      expect(calls).toHaveLength(first === undefined ? 1 : retries + 1);
      const from = reports ? first : 0;
      const given =
        first === undefined ? [] : Array.from({ length: size - (from ?? 0) }, (_, index) => index + (from ?? 0));
      expect(failures.flatMap(({ records }) => records)).toEqual(given);
    }),
  );
});

test('a fault that mends within the retries loses nothing', async () => {
  const { failures, settled } = await run(5, new Set([0, 3]), { maximumRetries: 3, bisect: false }, false, 3);
  expect(failures).toEqual([]);
  expect(settled).toEqual([0, 1, 2, 3, 4]);
});

test('records that are too old are given up before the function sees them', async () => {
  const calls: number[][] = [];
  const failures: GivenUp<number>[] = [];
  await processBatch([1, 2, 3], {
    policy: { maximumRetries: 0, bisect: false },
    signal: new AbortController().signal,
    tooOld: (record) => record < 3,
    pause: async () => undefined,
    settled: () => undefined,
    giveUp: async (failure) => {
      failures.push(failure);
    },
    invoke: async (records) => {
      calls.push([...records]);
      return { kind: 'done', outcome: { ok: true } };
    },
  });
  expect(calls).toEqual([[3]]);
  expect(failures).toEqual([{ records: [1, 2], condition: 'RecordAgeExceeded', invocations: 0, fault: undefined }]);
});

test('a throttled call is repeated and uses no retry', async () => {
  let calls = 0;
  const failures: unknown[] = [];
  await processBatch([1], {
    policy: { maximumRetries: 0, bisect: false },
    signal: new AbortController().signal,
    tooOld: () => false,
    pause: async () => undefined,
    settled: () => undefined,
    giveUp: async (failure) => {
      failures.push(failure);
    },
    invoke: async () => (++calls < 20 ? { kind: 'throttled' } : { kind: 'done', outcome: { ok: true } }),
  });
  expect([calls, failures]).toEqual([20, []]);
});
