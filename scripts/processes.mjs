// The processes that a script has started, which end with it.

import { spawn } from 'node:child_process';
import { root } from './install.mjs';

const running = new Set();
/** What is left to do when a signal ends the script. */
const cleanups = new Set();
let ending = false;

/** Never comes: what a signal has interrupted does not go on. */
const never = new Promise(() => undefined);

/**
 * Starts Node on a script, which ends when a signal ends this process.
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function startNode(args, options = {}) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  running.add(child);
  // A step that comes after the signal.
  if (ending) child.kill('SIGKILL');
  child.once('close', () => running.delete(child));
  return child;
}

/**
 * @param {() => Promise<void>} cleanup done as well where a signal ends the script
 * @returns {() => Promise<void>} does it; once a signal ends the script, it is left to that
 */
export function onEnd(cleanup) {
  cleanups.add(cleanup);
  return async () => {
    if (ending) return never;
    await cleanup();
    cleanups.delete(cleanup);
    return ending ? never : undefined;
  };
}

/** Ends every process on Ctrl-C and SIGTERM, and this one after them. A shell's background jobs ignore SIGINT until then. */
export function endOnSignal() {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  for (const [signal, code] of Object.entries(codes)) {
    process.on(signal, async () => {
      if (ending) return;
      ending = true;
      console.error('stopping…');
      const ended = [...running].map((child) => new Promise((done) => child.once('close', done)));
      for (const child of running) child.kill('SIGTERM');
      await Promise.all(ended);
      await Promise.all([...cleanups].map((cleanup) => cleanup()));
      process.exit(code);
    });
  }
}
