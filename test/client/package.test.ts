import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'client/package.json'), 'utf8'));
let folder: string;
let built: string;

jest.setTimeout(180_000);

/** A folder with the package in its node_modules, as installed. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waystream-package-'));
  const installed = join(folder, 'node_modules/@waystream/client');
  built = join(installed, 'dist');
  const { status, stderr } = run(['--import', 'tsx', join(root, 'scripts/build-client.ts'), built], root);
  if (status !== 0) throw new Error(stderr);
  writeFileSync(join(installed, 'package.json'), JSON.stringify(manifest));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: string[], cwd: string) => spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });

test('has every file that it names', () => {
  const named = Object.values<Record<string, string>>(manifest.exports).flatMap((each) => Object.values(each));
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((path) => !existsSync(join(built, '..', path)))).toEqual([]);
});

test('needs nothing that browsers and React Native don’t have, and no other package', () => {
  const code = readFileSync(join(built, 'index.js'), 'utf8');
  expect(
    code.match(/\bfrom\s*["'][^."']|\bimport\s*["'(]|\brequire\(|\bprocess\.|\bBuffer\.(from|alloc)|node:/g),
  ).toBeNull();
  expect(manifest.dependencies).toBeUndefined();
});

test('stays small', () => {
  expect(readFileSync(join(built, 'index.js')).length).toBeLessThan(40 * 1024);
});

test('its types name their files in full, so that every resolution finds them', () => {
  const types = readdirSync(built).filter((name) => name.endsWith('.d.ts'));
  const imports = types.flatMap((name) =>
    [...readFileSync(join(built, name), 'utf8').matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(
      ([, path = '']) => path,
    ),
  );
  expect(imports.length).toBeGreaterThan(20);
  expect(imports.filter((path) => !existsSync(join(built, path.replace(/\.js$/, '.d.ts'))))).toEqual([]);
});

test('Node.js loads it as modules', () => {
  const script = join(folder, 'use.mjs');
  writeFileSync(
    script,
    `import { Tracker, Live, Smooth, readTrack, directWrites, IndexedDbStore } from '@waystream/client';
     import { FileStore } from '@waystream/client/node';
     console.log([Tracker, Live, Smooth, readTrack, directWrites, IndexedDbStore, FileStore].map((each) => typeof each).join());`,
  );
  const { stdout, stderr } = run([script], folder);
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe(Array(7).fill('function').join());
});

test('the README’s examples compile against it', () => {
  const readme = readFileSync(join(root, 'client/README.md'), 'utf8');
  const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  expect(examples).toHaveLength(3);
  examples.forEach((code, index) => {
    writeFileSync(
      join(folder, `example-${index}.mts`),
      `declare function draw(...what: unknown[]): void;
declare function getToken(): Promise<string>;
declare const token: string;
${code}`,
    );
  });
  const options = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom'],
    strict: true,
    noEmit: true,
    types: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.mts'] }));
  const { stdout } = run([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], folder);
  expect(stdout).toBe('');
});
