import fc from 'fast-check';
import { newest, type Task, toTasks } from '../../lambdas/search/decide';
import { type Operation, toBulks } from '../../lambdas/search/row-writer';
import { splitBySize } from '../../lambdas/search/split';

const minute = 'r29933220';
const item = { track: 'taxi-1#2026-11-30', minute, expires: 1, p0: '41.15,-8.61', p15000: '41.16,-8.61' };

test('a row becomes a document of its version, and none of its expiry', () => {
  const [task] = toTasks({ kind: 'INSERT', before: undefined, after: item }) ?? [];
  expect(task?.operation).toMatchObject({ id: `taxi-1#2026-11-30#${minute}`, version: 2 });
  expect(Object.keys(task?.operation.document ?? {}).sort()).toEqual([
    'device',
    'from',
    'path',
    'points',
    'task',
    'to',
  ]);
});

test('a row that expired is deleted above every version that it had', () => {
  const [task] = toTasks({ kind: 'REMOVE', before: item, after: undefined }) ?? [];
  expect(task?.operation).toMatchObject({ id: `taxi-1#2026-11-30#${minute}`, version: 3 });
  expect(task?.operation.document).toBeUndefined();
});

test.each([
  ['the registry of tasks', { track: 'taxi-1', minute: 'd2026-11-30#t' }],
  ['a corrected minute', { ...item, minute: 'c29933220' }],
])('%s is not indexed', (_, after) => {
  expect(toTasks({ kind: 'INSERT', before: undefined, after })).toBeUndefined();
});

test('a point that can’t be read is passed over, and an item without keys is an error of its own record', () => {
  const broken = { ...item, p15000: 'north of the river' };
  const [task] = toTasks({ kind: 'MODIFY', before: item, after: broken }) ?? [];
  expect(task?.operation).toMatchObject({ version: 1, document: { points: ['0 41.15,-8.61'] } });
  expect(() => toTasks({ kind: 'MODIFY', before: item, after: { p0: '1,1' } })).toThrow(TypeError);
});

test('a point that was mended away leaves its partition, above the version that had it', () => {
  const { p0: _, ...rest } = item;
  const before = { ...rest, p15000: '30.3,-97.7', p20000: '41.15,-8.61' };
  const { p15000: __, ...after } = { ...before, m: 1 };
  const tasks = toTasks({ kind: 'MODIFY', before, after }) ?? [];
  expect(tasks.map(({ operation }) => [operation.index, operation.version, operation.document?.points.length])).toEqual(
    [
      ['positions-porto-2026-11-29', 3, 1],
      ['positions-austin-2026-11-29', 3, undefined],
    ],
  );
});

test('of a row’s versions in one batch the newest is written, and answers for all of them', () => {
  const versions = [2, 4, 3].map((version, i) => {
    const [task] = toTasks({ kind: 'MODIFY', before: undefined, after: item }) ?? [];
    if (!task) throw new Error('no task');
    const value: Task[] = [{ ...task, operation: { ...task.operation, version } }];
    return { sequence: String(i), value };
  });
  const pending = newest(versions);
  expect(pending).toMatchObject([{ operation: { version: 4 }, sequences: ['0', '1', '2'] }]);
});

const anyOperation: fc.Arbitrary<Operation> = fc
  .record({
    id: fc.string({ maxLength: 5 }),
    points: fc.option(fc.array(fc.string({ unit: 'binary', maxLength: 40 }))),
  })
  .map(({ id, points }) => {
    const document = { device: 'd', task: 't', from: 0, to: 0, path: [], points: points ?? [] };
    return { index: 'positions-porto-2026-07-01', id, version: 1, ...(points && { document }) };
  });

test('bulk requests hold every operation in order, within their count and bytes', () => {
  fc.assert(
    fc.property(fc.array(anyOperation), (operations) => {
      const bulks = toBulks(operations, 4, 600);
      expect(bulks.flatMap((bulk) => bulk.operations)).toEqual(operations);
      for (const { operations: held, body, bytes } of bulks) {
        expect(bytes).toBe(Buffer.byteLength(body));
        expect(held.length).toBeLessThanOrEqual(4);
        expect(bytes <= 600 || held.length === 1).toBe(true);
      }
    }),
  );
});

test('a list is split in order into parts of bounded size, and into no more than it takes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 30 })),
      fc.integer({ min: 10, max: 200 }),
      (items, max) => {
        const parts = splitBySize(items, max);
        const size = (part: string[]) => Buffer.byteLength(JSON.stringify(part)) - 1;
        expect(parts.flat()).toEqual(items);
        for (const [i, part] of parts.entries()) {
          expect(size(part) <= max || part.length === 1).toBe(true);
          const first = parts[i + 1]?.[0];
          if (first !== undefined) expect(size([...part, first])).toBeGreaterThan(max);
        }
      },
    ),
  );
});
