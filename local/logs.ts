import { createWriteStream, mkdirSync, rmSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Log } from './model';

export interface Logs {
  log: Log;
  close(): Promise<void>;
}

/**
 * One file a part in a folder, which a start of the stack begins anew; with `verbose` on the console as well.
 * Lines carry the time, as those of CloudWatch do.
 */
export function openLogs(folder: string, verbose: boolean): Logs {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, WriteStream>();
  const fileOf = (part: string): WriteStream => {
    const name = part.replace(/[^\w.-]/g, '_');
    const file = files.get(name) ?? createWriteStream(join(folder, `${name}.log`));
    files.set(name, file);
    return file;
  };
  return {
    log: (part, line) => {
      fileOf(part).write(`${new Date().toISOString()} ${line}\n`);
      if (verbose) console.error(`${part} | ${line}`);
    },
    close: async () => {
      await Promise.all([...files.values()].map((file) => new Promise<void>((resolve) => file.end(resolve))));
    },
  };
}
