import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { variables } from '../../bench/load-time';
import { kinesis } from '../../lambdas/platform/clients';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'waystream-bundles-'));
let bundles: string[] = [];

/** What a script in a process of its own prints as JSON. */
function run(args: string[]): unknown {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env: variables });
  if (status !== 0) throw new Error(stderr);
  return stdout === '' ? undefined : JSON.parse(stdout);
}

beforeAll(() => {
  run(['--import', 'tsx', 'scripts/bundle.ts', '--out', folder]);
  bundles = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('index.js'))
    .map((file) => join(folder, file));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

test('each function’s bundle loads and has a handler', () => {
  const script = `console.log(JSON.stringify(process.argv.slice(1).map((file) => typeof require(file).handler)));
    process.exit();`;
  expect(bundles.length).toBeGreaterThan(10);
  expect(run(['-e', script, ...bundles])).toEqual(bundles.map(() => 'function'));
}, 30_000);

test('no bundle has more than 400 KB', () => {
  expect(bundles.filter((file) => statSync(file).size > 400 * 1024)).toEqual([]);
});

test('bundled functions put to the same hosts as the whole SDK would', () => {
  const regions = ['eu-central-1', 'us-east-1', 'us-gov-west-1', 'cn-north-1'];
  const entry = join(folder, 'client.ts');
  writeFileSync(entry, `export { kinesis } from '${join(root, 'lambdas/platform/clients')}';`);
  const script = `
    const { leftOut } = require('./scripts/left-out');
    const options = { entryPoints: ['${entry}'], bundle: true, platform: 'node', format: 'cjs', write: false };
    const packages = { mainFields: ['module', 'main'], plugins: [leftOut({ describes: false })], logLevel: 'error' };
    require('esbuild').build({ ...options, ...packages }).then(({ outputFiles }) => {
      const made = { exports: {} };
      new Function('module', 'exports', 'require', outputFiles[0].text)(made, made.exports, require);
      const { endpointProvider } = made.exports.kinesis().config;
      console.log(JSON.stringify(process.argv.slice(1).map((Region) => endpointProvider({ Region }).url.href)));
      process.exit();
    });`;
  const whole = (Region: string) =>
    kinesis().config.endpointProvider({ Region, UseFIPS: false, UseDualStack: false, StreamName: 'positions' });
  expect(run(['--import', 'tsx', '-e', script, ...regions])).toEqual(regions.map((region) => whole(region).url.href));
}, 30_000);
