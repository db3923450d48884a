// The steps that hold the project to its rules, and what counts them. Each goes on after the failure of another.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';
import { runJest } from './jest.mjs';
import { endOnSignal, startNode } from './processes.mjs';
import { runWholeStack } from './whole-stack.mjs';

// A slow machine must not fail for being slow.
const STEP_LIMIT_MINUTES = 50;

/**
 * @typedef {import('./jest.mjs').Count} Count
 *
 * @typedef {object} Step
 * @property {string} name by which it is chosen
 * @property {string} title
 * @property {boolean} jest whether it takes jest's arguments
 * @property {boolean} engines whether it needs the engines
 * @property {boolean} [together] whether its groups run beside those of other such steps
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

/** Faults that last for minutes: not among the steps of `npm test`. */
export const LONG_FAULTS = tests('long-faults', 'Faults that last long', {
  workers: 1,
  engines: true,
  together: false,
  limitMinutes: 90,
  options: ['--testTimeout=900000'],
});

/** Fetches what engines are missing. @returns the exit code */
export const fetchEngines = () => runNode(['--import', 'tsx', join(root, 'local/engines/fetch.ts')]);

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
function tests(name, title, { workers, engines, together = engines, limitMinutes = STEP_LIMIT_MINUTES, options = [] }) {
  const run = async (args) => {
    const project = ['--selectProjects', name, `--maxWorkers=${workers}`, ...options];
    return (await runJest([...args, ...project], (all) => runNode(all, limitMinutes))).count;
  };
  return { name, title, jest: true, engines, together, run };
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
 * tells whether anything failed. Whole-stack tests run last and together, unless jest is told which.
 * @param {Step[]} steps
 * @param {string[]} args for jest
 * @param {Promise<number>} engines the exit code of what fetches the engines; awaited before the first step that needs it
 */
export async function runSteps(steps, args, engines) {
  endOnSignal();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const notes = [];
  const add = (title, count) => {
    for (const key of Object.keys(total)) total[key] += count[key];
    if (count.failed > 0) notes.push(`${title}: ${count.failed} failed`);
  };
  const together = args.length > 0 ? [] : steps.filter((step) => step.together);
  for (const step of steps.filter((step) => !together.includes(step))) {
    console.log(`\n== ${step.title} (${step.name})`);
    if (step.engines) await engines;
    add(step.title, await step.run(args));
  }
  if (together.length > 0) {
    console.log(`\n== ${together.map(({ title }) => title).join('; ')}`);
    await engines;
    const { count, failures, unsteady } = await runWholeStack(
      together.map(({ name }) => name),
      console.log,
    );
    add('Whole-stack tests', count);
    notes.push(...failures.map((test) => `failed: ${test}`), ...unsteady.map((test) => `unsteady: ${test}`));
  }
  console.log(`\n${notes.map((line) => `${line}\n`).join('')}${summary(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** @param {Count} count */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Runs Node on a script; returns its exit code, 1 where it is ended for taking too long. */
export function runNode(args, limitMinutes = STEP_LIMIT_MINUTES) {
  return new Promise((done) => {
    const child = startNode(args);
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
