import { countTests } from '../../scripts/jest.mjs';
import { choose, countCheck, summary } from '../../scripts/steps.mjs';

const nothing = () => Promise.resolve({ passed: 0, failed: 0, skipped: 0 });
const types = { name: 'types', title: 'Types', jest: false, engines: false, run: nothing };
const unit = { name: 'unit', title: 'Unit', jest: true, engines: false, run: nothing };
const system = { name: 'system', title: 'System', jest: true, engines: true, run: nothing };
const steps = [types, unit, system];

test.each([
  [[], steps, []],
  [['unit'], [unit], []],
  [['unit', 'types'], [types, unit], []],
  [['system', '-t', 'a late batch'], [system], ['-t', 'a late batch']],
  [['test/geo'], [unit, system], ['test/geo']],
  [['unit', '-t', 'types'], [unit], ['-t', 'types']],
])('the words %j choose their steps', (words, chosen, rest) => {
  expect(choose(steps, words)).toEqual({ chosen, rest });
});

test('a script passes, fails, or has nothing to check here', () => {
  expect([0, 1, 77].map(countCheck)).toEqual([
    { passed: 1, failed: 0, skipped: 0 },
    { passed: 0, failed: 1, skipped: 0 },
    { passed: 0, failed: 0, skipped: 1 },
  ]);
});

test('tests are counted one by one', () => {
  const results = { numPassedTests: 7, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 };
  expect(countTests(results, 1)).toEqual({ passed: 7, failed: 2, skipped: 2 });
});

test('a file that could not be run is a failure', () => {
  const results = { numPassedTests: 7, numFailedTests: 0, numRuntimeErrorTestSuites: 1 };
  expect(countTests(results, 1)).toEqual({ passed: 7, failed: 1, skipped: 0 });
});

test('a run that was cut off is a failure', () => {
  expect(countTests(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(countTests({ numPassedTests: 3 }, 137)).toEqual({ passed: 3, failed: 1, skipped: 0 });
});

test('the last line names what was skipped only where something was', () => {
  expect(summary({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  expect(summary({ passed: 11, failed: 1, skipped: 3 })).toBe('11 passed, 1 failed, 3 skipped');
});
