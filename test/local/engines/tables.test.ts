import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tablesSpec } from '../../../local/engines/tables';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tables-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const none = () => undefined;

test.each([
  ['dynoxide', 'dynamodb-local', 'shared-local-instance.db'],
  ['dynamodb-local', 'dynoxide', 'dynoxide.db'],
] as const)('%s refuses the kept tables of %s, and leaves them as they are', (asked, other, file) => {
  writeFileSync(join(directory, file), '');
  const place = { javaHome: directory, directory, port: 1 };
  expect(() => tablesSpec(asked, place, none)).toThrow(
    `The kept data has tables of ${other}: start with --engine ${other}, or with another --data folder.`,
  );
  expect(readdirSync(directory)).toEqual([file]);
});
