// npm test: installs what is missing and runs everything. `npm test -- unit -t 'a name'` runs part of it.

import { install } from './install.mjs';
import { preflight } from './preflight.mjs';
import { choose, fetchEngines, runSteps, STEPS } from './steps.mjs';

const { chosen, rest } = choose(STEPS, process.argv.slice(2));
const engines = chosen.some((step) => step.engines);

await preflight();
await install({ engines });
await runSteps(chosen, rest, engines ? fetchEngines() : Promise.resolve(0));
