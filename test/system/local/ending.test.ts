import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../../local/exclusive';
import { STATE_FILE } from '../../../local/state';
import { eventually } from '../stack';

jest.setTimeout(120_000);

let folder: string;
let owner: ChildProcess;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waystream-ending-'));
  owner = spawn('sleep', ['600'], { stdio: 'ignore' });
});
afterEach(() => {
  owner.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** A process and all that it has started, and these. */
function familyOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const all = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    all.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return [pid, ...below(pid)];
}

/** Starts a stack as `npm start` does, in the background of a shell, where SIGINT is ignored. @returns its processes */
async function started() {
  const ready = join(folder, 'ready.json');
  const options = `--no-replay --port 0 --search none --logs ${folder}/logs --ready-file ${ready} --owner ${owner.pid}`;
  const command = `'${process.execPath}' scripts/start.mjs ${options} >/dev/null 2>&1 & echo $!; wait`;
  const shell = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  shell.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await eventually(
    () => existsSync(ready),
    90_000,
    () => 'the stack did not start',
  );
  const { pid }: { pid: number } = JSON.parse(readFileSync(ready, 'utf8'));
  return { starter: Number(said), processes: familyOf(pid) };
}

const noneLives = (processes: number[]) =>
  eventually(
    () => !processes.some(isAlive),
    30_000,
    () => `alive: ${processes.filter(isAlive)}`,
  );

/** What tells whether another stack's state file was written or removed. */
const stateOf = () => (existsSync(STATE_FILE) ? statSync(STATE_FILE).mtimeMs : undefined);

test('Ctrl-C ends a stack that was started in the background, and its engines; npm start’s own stack stays known', async () => {
  const before = stateOf();
  const { starter, processes } = await started();
  expect(stateOf()).toBe(before);
  expect(processes.length).toBeGreaterThan(4);
  process.kill(starter, 'SIGINT');
  await noneLives([starter, ...processes]);
  expect(stateOf()).toBe(before);
});

test('a stack ends with its owner, though that is killed', async () => {
  const { starter, processes } = await started();
  owner.kill('SIGKILL');
  await noneLives([starter, ...processes]);
});
