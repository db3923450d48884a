// The steps that hold the project to its rules, and what counts them. Each goes on after the failure of another.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './install.mjs';

// A slow machine must not fail for being slow.
const STEP_LIMIT_MINUTES = 50;

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 *
 * @typedef {object} Step
 * @property {string} name by which it is chosen
 * @property {string} title
 * @property {boolean} jest whether it takes jest's arguments
 * @property {boolean} engines whether it needs the engines
 * @property {(args: string[]) => Promise<Count>} run
 */

const tool = (path) => join(root, 'node_modules', path);

/** @type {Step[]} */
export const STEPS = [
  check('types', 'Types', [tool('typescript/bin/tsc'), '--noEmit']),
  check('lint', 'Lint', [tool('@biomejs/biome/bin/biome'), 'check', '.']),
  check('contract', 'Contract lint', ['--import', 'tsx', join(root, 'scripts/lint-contract.ts')]),
  check('bundle', 'Bundle', ['--import', 'tsx', join(root, 'scripts/bundle.ts')]),
  tests('unit', 'Unit, property and template tests', { workers: 2, engines: false }),
  check('cfn', 'CloudFormation lint', [join(root, 'scripts/cfn-lint.mjs')]),
  check('deploy', 'Deploy check', ['--import', 'tsx', join(root, 'scripts/deploy-check/main.ts')]),
  tests('system', 'Whole-stack tests on the real engines', { workers: 1, engines: true }),
  tests('faults', 'Faults under a steady replay', { workers: 1, engines: true }),
  tests('browser', 'Browser test', { workers: 1, engines: true }),
];

/** What a script ends with that finds nothing to check on this machine, as automake's tests do. */
const SKIPPED = 77;

/** A script that passes or fails as one, or says that it is skipped; skipped as well where the project has none such. */
function check(name, title, args) {
  const script = args.find((arg) => arg.startsWith(root));
  const run = async () => {
    if (!existsSync(script)) return { passed: 0, failed: 0, skipped: 1 };
    return countCheck(await runNode(args));
  };
  return { name, title, jest: false, engines: false, run };
}

/**
 * @param {number} code a script's exit code
 * @returns {Count}
 */
export function countCheck(code) {
  return {
    passed: code === 0 ? 1 : 0,
    failed: code !== 0 && code !== SKIPPED ? 1 : 0,
    skipped: code === SKIPPED ? 1 : 0,
  };
}

/** A project of jest, counted test by test. */
function tests(name, title, { workers, engines }) {
  const run = async (args) => {
    const folder = mkdtempSync(join(tmpdir(), 'waystream-test-'));
    const outputFile = join(folder, 'results.json');
    try {
      const output = ['--json', `--outputFile=${outputFile}`, '--passWithNoTests'];
      const project = ['--selectProjects', name, `--maxWorkers=${workers}`];
      const code = await runNode([tool('jest/bin/jest.js'), ...project, ...output, ...args]);
      return countTests(existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : undefined, code);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return { name, title, jest: true, engines, run };
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

/**
 * Which steps the words of a command line choose, and what is left of them for jest. Words for jest alone choose the
 * steps that take them.
 * @param {Step[]} steps
 * @param {string[]} words
 */
export function choose(steps, words) {
  const known = steps.map(({ name }) => name);
  const end = words.findIndex((word) => !known.includes(word));
  const names = end === -1 ? words : words.slice(0, end);
  const rest = end === -1 ? [] : words.slice(end);
  if (names.length > 0) return { chosen: steps.filter(({ name }) => names.includes(name)), rest };
  return { chosen: rest.length > 0 ? steps.filter(({ jest }) => jest) : steps, rest };
}

/**
 * Runs steps one after the other, whatever comes of each, and prints the count of all as the last line. The exit code
 * tells whether anything failed.
 * @param {Step[]} steps
 * @param {string[]} args for jest
 * @param {Promise<number>} engines the exit code of what fetches the engines; awaited before the first step that needs it
 */
export async function runSteps(steps, args, engines) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  for (const step of steps) {
    console.log(`\n== ${step.title} (${step.name})`);
    if (step.engines) await engines;
    const count = await step.run(args);
    for (const key of Object.keys(total)) total[key] += count[key];
    if (count.failed > 0) failures.push(`${step.title}: ${count.failed} failed`);
  }
  console.log(`\n${failures.map((line) => `${line}\n`).join('')}${summary(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** @param {Count} count */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Runs Node on a script; returns its exit code, 1 where it is ended for taking too long. */
export function runNode(args, limitMinutes = STEP_LIMIT_MINUTES) {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    const limit = setTimeout(() => {
      console.error(`ended after ${limitMinutes} minutes`);
      child.kill('SIGKILL');
    }, limitMinutes * 60_000);
    child.once('close', (code) => {
      clearTimeout(limit);
      done(code ?? 1);
    });
  });
}
