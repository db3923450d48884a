// npm test: installs what is missing and runs everything. `npm test -- unit -t 'a name'` runs part of it.

import { join } from 'node:path';
import { install, root } from './install.mjs';
import { preflight } from './preflight.mjs';
import { choose, runNode, runSteps, STEPS } from './steps.mjs';

const { chosen, rest } = choose(STEPS, process.argv.slice(2));
const engines = chosen.some((step) => step.engines);

await preflight();
await install({ engines });
const fetched = engines ? runNode(['--import', 'tsx', join(root, 'local/engines/fetch.ts')]) : Promise.resolve(0);
await runSteps(chosen, rest, fetched);
