import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const KEPT_LINES = 12;

/** What may be told about a run. */
export interface RunOptions {
  readonly cwd?: string;
  /** Told each line of standard error as it comes. */
  readonly log?: (line: string) => void;
}

/**
 * Runs a command to its end; returns what it wrote to standard output.
 * @throws Error with the last lines that it wrote where it fails
 */
export function run(command: string, args: readonly string[], { cwd, log }: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...(cwd !== undefined && { cwd }), stdio: ['ignore', 'pipe', 'pipe'] });
    const output: string[] = [];
    const all: string[] = [];
    createInterface(child.stdout).on('line', (line) => {
      output.push(line);
      all.push(line);
    });
    createInterface(child.stderr).on('line', (line) => {
      all.push(line);
      log?.(line);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output.join('\n'));
      else reject(new Error(`${command} ${args[0] ?? ''} failed:\n${all.slice(-KEPT_LINES).join('\n')}`));
    });
  });
}
