import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../local/engines/paths';

const TOLD_LINES = 40;

/**
 * Runs the CDK's command line.
 * @returns what it wrote
 * @throws Error with its last lines where it fails
 */
export async function cdk(env: NodeJS.ProcessEnv, cwd: string, ...args: string[]): Promise<string> {
  const program = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  const child = spawn(process.execPath, [program, ...args, '--no-notices', '--no-color'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  if (code === 0) return text;
  const last = text.trimEnd().split('\n').slice(-TOLD_LINES).join('\n');
  throw new Error(`cdk ${args[0]} failed:\n${last}`);
}
