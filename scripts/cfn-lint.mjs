// Lints the templates of the three environments: `node scripts/cfn-lint.mjs`. Needs Python 3 with pip, and bundles.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const version = '1.58.0';
const packages = '.engines/python';
// W3005: the library says a dependency on a role although the reference implies it. W6001: the service stack's outputs
// repeat what the data stack knows, so that who deploys finds all of them in one place.
const options = ['--regions', 'eu-central-1', '--ignore-checks', 'W3005', 'W6001'];

/** Runs a program; ends this one with a sentence where it can't be started or fails. */
function run(what, command, args, options = {}) {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (error) fail(`${what} needs ${command}, which can't be started: ${error.message}`);
  if (status !== 0) fail(`${what} failed.\n${stdout}${stderr}`);
  return stdout;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Installs the linter once, into a folder that git ignores. */
function install() {
  if (existsSync(join(packages, `cfn_lint-${version}.dist-info`))) return;
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-warn-conflicts'];
  run('Installing cfn-lint', 'python3', [
    '-m',
    'pip',
    'install',
    ...quiet,
    '--upgrade',
    '--target',
    packages,
    `cfn-lint==${version}`,
  ]);
}

/** Runs the app as the CDK's command line does, without its start-up time. @returns the templates' paths */
function synthesize(environment, output) {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const env = {
    ...process.env,
    CDK_OUTDIR: output,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, env: environment, 'aws:cdk:disable-asset-staging': true }),
  };
  run(`Synthesizing ${environment}`, process.execPath, ['--import', 'tsx', 'bin/app.ts'], { env });
  return readdirSync(output)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => join(output, name));
}

install();
const folder = mkdtempSync(join(tmpdir(), 'waystream-templates-'));
try {
  const templates = ['dev', 'staging', 'prod'].flatMap((name) => synthesize(name, join(folder, name)));
  const env = { ...process.env, PYTHONPATH: [packages, process.env.PYTHONPATH].filter(Boolean).join(delimiter) };
  const linter = ['-c', 'import sys; from cfnlint.runner import main; sys.exit(main())', ...options];
  const { status, stdout, stderr } = spawnSync('python3', [...linter, '--', ...templates], { encoding: 'utf8', env });
  if (status !== 0) fail(`${stdout}${stderr}`);
  console.log(`cfn-lint: no finding in ${templates.length} templates`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
