// Whole-stack tests: in groups, each on stacks of its own, some groups at a time; what fails is tried once more.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopStacks } from '../test/system/run-folder.mjs';
import { groupsOf } from './groups.mjs';
import { root } from './install.mjs';
import { runJest } from './jest.mjs';
import { onEnd, startNode } from './processes.mjs';

/** @typedef {import('./jest.mjs').Count} Count @typedef {import('./jest.mjs').FileResult} FileResult */

/** A stack and its tests keep a core busy. */
const AT_A_TIME = Math.min(2, availableParallelism());
/** A slow machine must not fail for being slow. */
const LIMIT_MINUTES = 50;
/** Where so many files fail, it is not that they are unsteady. */
const MOST_RETRIED = 12;
/** Ports that are kept for the stacks of one group, so that none takes what another has just found free. */
const PORTS = { first: 20_000, each: 6_000 };

const logFolder = join(root, '.waystream', 'unsteady');

/**
 * Runs every whole-stack test of some of jest's projects.
 * @param {string[]} projects
 * @param {(line: string) => void} log
 * @returns {Promise<{count: Count, failures: string[], unsteady: string[]}>} `unsteady` names tests that failed and then passed
 */
export async function runWholeStack(projects, log) {
  rmSync(logFolder, { recursive: true, force: true });
  const groups = groupsOf(projects);
  const results = await pooled(groups, AT_A_TIME, async (group, slot) => {
    log(`… ${group.name}`);
    const started = Date.now();
    const result = await runGroup(group, slot, log);
    log(`== ${group.name}: ${line(result.count)}, ${((Date.now() - started) / 1_000).toFixed(0)} s`);
    return { ...result, project: group.project };
  });
  return settle(results, (project, file) => {
    log(`… once more: ${file}`);
    return runGroup({ name: file, project, files: [file] }, 0, log);
  });
}

const line = ({ passed, failed }) => `${passed} passed, ${failed} failed`;

/**
 * Does something with each item, some at a time, in their order.
 * @template T, R
 * @param {T[]} items @param {number} atATime @param {(item: T, slot: number) => Promise<R>} work
 * @returns {Promise<R[]>}
 */
export async function pooled(items, atATime, work) {
  const results = [];
  const left = [...items.entries()];
  const worker = async (slot) => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) results[next[0]] = await work(next[1], slot);
  };
  await Promise.all(Array.from({ length: atATime }, (_, slot) => worker(slot)));
  return results;
}

/**
 * Tries once more what has failed; what passes then is unsteady, and no failure.
 * @param {{project: string, count: Count, files: FileResult[]}[]} results
 * @param {(project: string, file: string) => Promise<{count?: Count, files: FileResult[]}>} again
 */
export async function settle(results, again) {
  const counts = results.map(({ count, files }) => beyondFiles(count, files));
  const total = sum([...counts, ...results.flatMap(({ files }) => files.map(({ count }) => count))]);
  const failures = results.flatMap(({ project }, index) =>
    counts[index].failed > 0 ? [`${project} › a run of jest, beside its tests: see above`] : [],
  );
  const unsteady = [];
  const failed = results.flatMap(({ project, files }) =>
    files.filter(({ count }) => count.failed > 0).map((result) => ({ project, ...result })),
  );
  for (const [index, first] of failed.entries()) {
    const log = keep(first);
    const { count, files } = index < MOST_RETRIED ? await again(first.project, first.file) : { files: [] };
    const second = files.find(({ file }) => file === first.file);
    const steady = second === undefined || count.failed > 0;
    for (const test of first.failures) (steady ? failures : unsteady).push(`${first.file} › ${test} (${log})`);
    if (steady) continue;
    total.failed -= first.count.failed;
    total.passed += second.count.passed - first.count.passed;
  }
  return { count: total, failures, unsteady };
}

/** What a run counts beside the tests of its files: the look through the logs, and that it was cut off. */
function beyondFiles(count, files) {
  const inFiles = sum(files.map((file) => file.count));
  const beyond = { ...count };
  for (const key of Object.keys(beyond)) beyond[key] = Math.max(0, beyond[key] - inFiles[key]);
  return beyond;
}

/** @returns the path of a file with what jest said of a test file that failed */
function keep({ file, message }) {
  const name = `${file.replaceAll('/', '-')}.log`;
  mkdirSync(logFolder, { recursive: true });
  writeFileSync(join(logFolder, name), `${message}\n`);
  return `.waystream/unsteady/${name}`;
}

function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const count of counts) for (const key of Object.keys(total)) total[key] += count[key];
  return total;
}

/** A run of jest whose output is shown whole at its end, as others run beside it. */
async function runGroup({ project, files }, slot, log) {
  const folder = mkdtempSync(join(tmpdir(), 'waystream-test-'));
  const end = onEnd(() => stopStacks(folder));
  const env = {
    ...process.env,
    WAYSTREAM_TEST_DIR: folder,
    WAYSTREAM_PORTS: `${PORTS.first + slot * PORTS.each}-${PORTS.first + (slot + 1) * PORTS.each - 1}`,
  };
  try {
    const chosen = ['--maxWorkers=1', '--runTestsByPath', ...files, '--selectProjects', project];
    return await runJest(chosen, (args) => quietly(args, env, log));
  } finally {
    await end();
  }
}

/** @returns the exit code; 1 where the run is ended for taking too long */
function quietly(args, env, log) {
  const child = startNode(args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MINUTES * 60_000);
  return new Promise((done) => {
    child.once('close', (code) => {
      clearTimeout(limit);
      log(Buffer.concat(chunks).toString('utf8').trimEnd());
      done(code ?? 1);
    });
  });
}
