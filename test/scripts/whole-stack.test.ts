import { readFileSync } from 'node:fs';
import { pooled, settle } from '../../scripts/whole-stack.mjs';

const count = (passed: number, failed: number) => ({ passed, failed, skipped: 0 });
const file = (name: string, passed: number, failures: string[]) => ({
  file: name,
  count: count(passed, failures.length),
  failures,
  message: `what jest said of ${name}`,
});
const failed = file('test/system/x.test.ts', 3, ['holds']);
const results = [
  { project: 'system', count: count(10, 0), files: [file('test/system/a.test.ts', 10, [])] },
  { project: 'faults', count: count(5, 1), files: [failed, file('test/faults/b.test.ts', 2, [])] },
];

test('a test that fails and then passes is no failure, and is named with its log', async () => {
  const again = jest.fn(async () => ({ count: count(5, 0), files: [file(failed.file, 4, [])] }));
  const settled = await settle(results, again);
  expect(again.mock.calls).toEqual([['faults', failed.file]]);
  expect(settled.count).toEqual(count(16, 0));
  expect(settled.failures).toEqual([]);
  const [line = ''] = settled.unsteady;
  const log = /^test\/system\/x\.test\.ts › holds \((.+)\)$/.exec(line)?.[1] ?? '';
  expect(readFileSync(log, 'utf8')).toBe('what jest said of test/system/x.test.ts\n');
});

test('a test that fails twice is a failure', async () => {
  const settled = await settle(results, async () => ({ count: count(4, 1), files: [failed] }));
  expect(settled.count).toEqual(count(15, 1));
  expect(settled.unsteady).toEqual([]);
  expect(settled.failures).toHaveLength(1);
});

test('a run that fails beside its tests, as for a secret in a log, is a failure, also at the second time', async () => {
  const cut = { project: 'system', count: count(10, 1), files: [file('test/system/a.test.ts', 10, [])] };
  const first = await settle([cut], async () => ({ files: [] }));
  expect(first.count).toEqual(count(10, 1));
  expect(first.failures).toHaveLength(1);
  const second = await settle(results, async () => ({ count: count(4, 1), files: [file(failed.file, 4, [])] }));
  expect(second.count.failed).toBe(1);
});

test('a second run that tells nothing of the file leaves the failure', async () => {
  const settled = await settle(results, async () => ({ files: [] }));
  expect(settled.count).toEqual(count(15, 1));
});

test('where many files fail none of those beyond the limit is tried again', async () => {
  const many = Array.from({ length: 30 }, (_, index) => file(`test/system/${index}.test.ts`, 0, ['holds']));
  const again = jest.fn(async () => ({ files: [] }));
  await settle([{ project: 'system', count: count(0, 30), files: many }], again);
  expect(again.mock.calls.length).toBeLessThan(30);
});

test('two at a time, in their order, with results at their places', async () => {
  let [running, most] = [0, 0];
  const started: number[] = [];
  const doubled = await pooled([1, 2, 3, 4, 5], 2, async (item: number) => {
    started.push(item);
    most = Math.max(most, ++running);
    await new Promise((done) => setImmediate(done));
    running -= 1;
    return item * 2;
  });
  expect(doubled).toEqual([2, 4, 6, 8, 10]);
  expect(started).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
});
