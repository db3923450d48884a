// npm run test:faults: the faults that last long, and what each of them did as a table. Arguments go to jest, such as
// -t 'DynamoDB killed'.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from './faults-table.mjs';
import { install, root } from './install.mjs';
import { preflight } from './preflight.mjs';
import { endOnSignal } from './processes.mjs';
import { runNode } from './steps.mjs';

const LIMIT_MINUTES = 90;

endOnSignal();
await preflight();
await install({ engines: true });
const folder = mkdtempSync(join(tmpdir(), 'waystream-faults-'));
const file = join(folder, 'results.jsonl');
process.env.WAYSTREAM_FAULTS_FILE = file;
const jest = join(root, 'node_modules/jest/bin/jest.js');
const chosen = ['--selectProjects', 'long-faults', '--maxWorkers=1', '--testTimeout=900000'];
process.exitCode = await runNode([jest, ...chosen, ...process.argv.slice(2)], LIMIT_MINUTES);
const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
if (lines.length > 0) console.log(`\n${table(lines.map((line) => JSON.parse(line)))}`);
rmSync(folder, { recursive: true, force: true });
