import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exclusively, isAlive } from '../../local/exclusive';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waystream-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('one after the other, also where the first fails', async () => {
  let running = 0;
  const work = async () => {
    running += 1;
    expect(running).toBe(1);
    await new Promise((done) => setTimeout(done, 5));
    running -= 1;
    throw new Error('failed');
  };
  const all = await Promise.allSettled([1, 2, 3].map(() => exclusively(lock, work)));
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(existsSync(lock)).toBe(false);
});

test('the lock of a process that has ended is taken over', async () => {
  // Linux and macOS give no process such an id.
  writeFileSync(lock, '99999999');
  expect(await exclusively(lock, async () => 'done')).toBe('done');
});

test('this process is alive, and one that never was is not', () => {
  expect([isAlive(process.pid), isAlive(99_999_999)]).toEqual([true, false]);
});
