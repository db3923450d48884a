// npm run check: the fast gate, without what needs an engine.

import { install } from './install.mjs';
import { preflight } from './preflight.mjs';
import { runSteps, STEPS } from './steps.mjs';

await preflight();
await install({ engines: false });
await runSteps(
  STEPS.filter((step) => !step.engines && !['cfn', 'deploy'].includes(step.name)),
  [],
  Promise.resolve(0),
);
