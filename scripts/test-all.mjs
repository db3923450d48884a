// npm run test:all: everything, complete: all data, each permission taken away by itself, and the faults that last long.

import { install } from './install.mjs';
import { preflight } from './preflight.mjs';
import { fetchEngines, LONG_FAULTS, runSteps, STEPS } from './steps.mjs';

process.env.WAYSTREAM_TESTS = 'all';
await preflight();
await install({ engines: true });
await runSteps([...STEPS, LONG_FAULTS], [], fetchEngines());
