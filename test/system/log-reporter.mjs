import { existsSync } from 'node:fs';
import { scanLogs } from './log-scan.mjs';

/**
 * At the end of a run, before its stacks are stopped: no line that they have logged tells a secret. It counts as one
 * more test of the run, so that `npm test` counts it too.
 */
export default class LogReporter {
  onRunComplete(_contexts, results) {
    const folder = process.env.WAYSTREAM_TEST_DIR;
    if (!folder || !existsSync(folder)) return;
    const { files, lines, secrets, found } = scanLogs(folder);
    if (files === 0) return;
    results.numTotalTests += 1;
    console.log(`Logs: ${lines} lines in ${files} files; ${secrets} tokens and tickets handed out in this run.`);
    if (found.length === 0) {
      results.numPassedTests += 1;
      return;
    }
    results.numFailedTests += 1;
    console.error(`A secret stands in a log:\n${found.slice(0, 20).join('\n')}`);
  }
}
