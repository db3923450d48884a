// npm start: installs what is missing and starts the stack.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, root } from './install.mjs';
import { preflight } from './preflight.mjs';

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(readFileSync(join(root, 'local/usage.txt'), 'utf8'));
  process.exit(0);
}

await preflight();
await install({ engines: true });

const stack = spawn(process.execPath, ['--import', 'tsx', join(root, 'local/main.ts'), ...args], {
  cwd: root,
  stdio: 'inherit',
});
// A terminal's Ctrl-C reaches the stack by itself; a signal to this process alone does not. The stack takes the second
// of two for the same wish.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stack.kill(signal));
stack.once('exit', (code) => process.exit(code ?? 1));
