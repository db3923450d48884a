// Installs what is missing: npm's packages and, at the same time, the engines' downloads.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Ends the process with a sentence where something can't be installed.
 * @param {{engines: boolean}} what whether the engines are needed
 */
export async function install({ engines }) {
  const downloads = engines ? run(process.execPath, [join(root, 'local/engines/download.mjs')]) : 0;
  const packages = packagesAreCurrent() ? 0 : await installPackages();
  if (packages !== 0) console.error('npm could not install the packages; its messages are above.');
  if ((await downloads) !== 0 || packages !== 0) process.exit(1);
}

/** Whether node_modules holds the very versions of the lockfile. What is optional may lack: other platforms' builds. */
function packagesAreCurrent() {
  const installed = packagesOf(join(root, 'node_modules/.package-lock.json'));
  const wanted = packagesOf(join(root, 'package-lock.json'));
  return Object.entries(wanted).every(
    ([path, { version, optional, peer }]) =>
      path === '' || installed[path]?.version === version || (installed[path] === undefined && (optional || peer)),
  );
}

function packagesOf(lockfile) {
  return existsSync(lockfile) ? JSON.parse(readFileSync(lockfile, 'utf8')).packages : {};
}

async function installPackages() {
  console.error('installing the packages of npm…');
  const install = () => run('npm', ['ci', '--loglevel=error']);
  return (await install()) === 0 ? 0 : install();
}

/** @returns the exit code; what the command prints goes to standard error */
function run(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', () => done(1));
    child.once('close', (code) => done(code ?? 1));
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) install({ engines: true });
