import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readState, removeState, writeState } from '../../local/state';

let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'waystream-state-')), 'below', 'ready.json');
});
afterEach(() => rmSync(join(file, '..', '..'), { recursive: true }));

const stack = { aws: 'http://127.0.0.1:1', logs: '/logs', pid: process.pid };

test('a running stack is found until it removes what it wrote', () => {
  expect(readState(file)).toBeUndefined();
  writeState(stack, file);
  expect(readState(file)).toEqual(stack);
  removeState(process.pid, file);
  expect(existsSync(file)).toBe(false);
});

test('a stack that stops leaves the file of another', () => {
  writeState(stack, file);
  removeState(process.ppid, file);
  expect(readState(file)).toEqual(stack);
});

test('a stack that was killed is not found', () => {
  writeState({ ...stack, pid: 99_999_999 }, file);
  expect(readState(file)).toBeUndefined();
});
