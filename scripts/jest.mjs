// Runs of jest, and what they tell.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from './install.mjs';

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 *
 * @typedef {object} FileResult what became of one test file
 * @property {string} file its path from the project's root
 * @property {Count} count
 * @property {string[]} failures names of tests
 * @property {string} message what jest says of them
 */

/**
 * Runs jest with a file for its results.
 * @param {string[]} args
 * @param {(args: string[]) => Promise<number>} run
 * @returns {Promise<{count: Count, files: FileResult[]}>}
 */
export async function runJest(args, run) {
  const folder = mkdtempSync(join(tmpdir(), 'waystream-results-'));
  const outputFile = join(folder, 'results.json');
  try {
    const output = ['--json', `--outputFile=${outputFile}`, '--passWithNoTests'];
    const code = await run([join(root, 'node_modules/jest/bin/jest.js'), ...output, ...args]);
    const results = existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : undefined;
    return { count: countTests(results, code), files: filesOf(results) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Jest's results as a count. A file that could not be run counts as a failed test, and so does a run that failed
 * without a failed test, such as one that was cut off.
 * @param results what jest wrote, if it came to that
 * @param {number} code jest's exit code
 * @returns {Count}
 */
export function countTests(results, code) {
  const passed = results?.numPassedTests ?? 0;
  const skipped = (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0);
  const failed = (results?.numFailedTests ?? 0) + (results?.numRuntimeErrorTestSuites ?? 0);
  return { passed, skipped, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** @returns {FileResult[]} */
export function filesOf(results) {
  return (results?.testResults ?? []).map(({ name, status, message, assertionResults, testExecError }) => {
    const of = (...wanted) => assertionResults.filter((each) => wanted.includes(each.status));
    const failures = of('failed').map(({ fullName }) => fullName);
    // Outside of its tests: in its imports or after all of them, which jest counts as well.
    const beyond = status === 'failed' && (failures.length === 0 || testExecError) ? 1 : 0;
    return {
      file: relative(root, name),
      count: {
        passed: of('passed').length,
        failed: failures.length + beyond,
        skipped: of('pending', 'todo').length,
      },
      failures: beyond > 0 ? [...failures, 'outside of its tests'] : failures,
      message,
    };
  });
}
