import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = 'lambdas';
const shared = ['contract', 'geo', 'platform'];

const sourcesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
const files = sourcesIn(root);
const areaOf = (path: string) => path.split('/')[1] ?? '';
const areas = [...new Set(files.map(areaOf))].filter((area) => !shared.includes(area));
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

/** What a file imports out of its own tree: paths from the root of the repository. */
function imports(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*\(?\s*['"](\.[^'"]*)['"]/g)];
  return specifiers.map(([, specifier = '']) => normalize(join(dirname(path), specifier)));
}

/** Imports of `path` that lead out of the folders allowed, as `a → b`. */
const strays = (path: string, allowed: readonly string[]) =>
  imports(path)
    .filter((target) => !allowed.some((folder) => target.startsWith(`${root}/${folder}/`)))
    .map((target) => `${path} → ${target}`);
const of = (area: string) => files.filter((path) => areaOf(path) === area);
/** Files that have something that a pattern finds in their code. */
const having = (paths: readonly string[], pattern: RegExp) =>
  paths.filter((path) => pattern.test(withoutComments(readFileSync(path, 'utf8'))));

test('there are areas to look at', () => {
  expect(areas.sort()).toEqual([
    'access',
    'correction',
    'credentials',
    'devices',
    'files',
    'ingest',
    'latest',
    'live',
    'reference',
    'rides',
    'search',
    'tracks',
  ]);
  expect(files.flatMap(imports).length).toBeGreaterThan(100);
});

test.each(areas)('%s imports the contract, geometry, the platform and itself, and no other area', (area) => {
  expect(of(area).flatMap((path) => strays(path, [...shared, area]))).toEqual([]);
});

test('the contract imports no area', () => {
  expect(of('contract').flatMap((path) => strays(path, shared))).toEqual([]);
});

test('the platform knows no area and no geometry', () => {
  expect(of('platform').flatMap((path) => strays(path, ['contract', 'platform']))).toEqual([]);
});

test('geometry imports nothing but itself', () => {
  expect(of('geo').flatMap((path) => strays(path, ['geo']))).toEqual([]);
});

test('geometry knows no AWS', () => {
  expect(having(of('geo'), /from ['"](@aws-sdk|@smithy|aws-lambda|ioredis)/)).toEqual([]);
});

test('the environment is read in one place', () => {
  expect(having(files, /\bprocess\s*\.\s*env\b/)).toEqual(['lambdas/platform/environment.ts']);
});

test('decisions are pure: no clock, no chance, no process, no call', () => {
  const decisions = files.filter((path) => path.endsWith('/decide.ts'));
  expect(decisions.length).toBeGreaterThan(3);
  const impure =
    /Date\.now|new Date\(\)|Math\.random|\bprocess\.|randomUUID|randomBytes|performance\.|\bfetch\(|\.send\(|\bawait\b/;
  expect(having(decisions, impure)).toEqual([]);
});

test('the infrastructure takes no more of an area than the environment that it reads', () => {
  const taken = sourcesIn('lib')
    .flatMap(imports)
    .filter((target) => target.startsWith(`${root}/`));
  const allowed = /^lambdas\/([a-z]+\/env|platform\/valkey-env|contract\/\w[\w-]*)$/;
  expect(taken.length).toBeGreaterThan(5);
  expect(taken.filter((target) => !allowed.test(target))).toEqual([]);
});
