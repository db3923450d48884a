import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { filesBelow } from '../log-scan.mjs';

export interface LogLine {
  file: string;
  text: string;
}

/** Every line that the stacks of this name have logged in this run, without the time before it. */
export function logLines(stack: string, file = /\.log$/): LogLine[] {
  const folder = join(z.string().parse(process.env.WAYSTREAM_TEST_DIR), 'logs');
  return filesBelow(folder, '.log')
    .filter((path) => path.slice(folder.length + 1).startsWith(`${stack}-`) && file.test(path))
    .flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ file: path.split('/').at(-1) ?? '', text: line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '') })),
    );
}
