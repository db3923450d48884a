import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../../local/engines/paths';
import { check } from './check';
import { Cloud } from './cloud';
import { Emulator, install, whatIsMissing } from './emulator';
import { errorsLogged } from './logs';
import { Phases } from './phases';

/** The functions' bundles: those given, or made now from their sources. @throws Error with the bundler's words */
function bundles(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  const made = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/bundle.ts'], { cwd: ROOT, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`The functions can’t be bundled:\n${made.stdout}${made.stderr}`);
  return join(ROOT, 'dist/lambdas');
}

async function run(given: string | undefined): Promise<void> {
  const phases = new Phases();
  const packages = await phases.run('ministack installed', async () => install());
  const folder = await phases.run('functions bundled', async () => bundles(given));
  const home = mkdtempSync(join(tmpdir(), 'waystream-deploy-'));
  const emulator = await phases.run('ministack started', () => Emulator.start(packages, home));
  const interrupted = () => void emulator.stop().then(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  try {
    await check({ phases, emulator, home, bundles: folder });
  } catch (error) {
    const errors = await errorsLogged(new Cloud(emulator)).catch(() => []);
    console.error(`\nThe emulator’s last lines:\n${emulator.lastWords(12)}\n`);
    if (errors.length > 0) console.error(`Errors that functions logged:\n${errors.join('\n')}\n`);
    throw error;
  } finally {
    await emulator.stop();
    phases.print();
  }
}

function main(): Promise<void> | void {
  const { values } = parseArgs({ options: { bundles: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) return console.log(readFileSync(join(__dirname, 'usage.txt'), 'utf8'));
  const missing = whatIsMissing();
  if (missing !== undefined) return skip(missing);
  return run(values.bundles);
}

/** Told apart from success by the exit code that `scripts/steps.mjs` counts as skipped. */
function skip(missing: string): void {
  console.log(`skipped: ${missing}`);
  process.exitCode = 77;
}

Promise.resolve()
  .then(main)
  .catch((error: unknown) => {
    console.error(`Deploy check failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
