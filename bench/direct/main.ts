import { parseArgs } from 'node:util';
import type { StackClient } from '../../test/system/stack';
import { machine } from '../machine';
import { priceList } from '../prices';
import { onStack } from '../running';
import { printDirect } from './report';
import { type DirectRun, measureDirect } from './run';

const help = `npm run bench:direct [-- options]

Billable units and dollars a million positions that devices write to their rows themselves, part by part, as the local
stack's meter counts them while a fleet on the roads of Porto's taxis writes in real time.

  --points LIST     points a write (6,12)
  --devices N       phones (60)
  --interval S      seconds between two points of a phone (5)
  --seconds S       measured seconds of each run (240; 60 with --short)
  --short           a fourth of the time
  --no-search       run without the search domain
  --stack FILE      use the running stack that wrote this ready file`;

const options = {
  points: { type: 'string', default: '6,12' },
  devices: { type: 'string', default: '60' },
  interval: { type: 'string', default: '5' },
  seconds: { type: 'string' },
  short: { type: 'boolean', default: false },
  'no-search': { type: 'boolean', default: false },
  stack: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(help);
  console.log(`List prices of ${priceList.region}, ${priceList.date}. ${machine()}.\n`);
  const seconds = Number(values.seconds ?? (values.short ? 60 : 240));
  const measureAll = async (client: StackClient): Promise<void> => {
    const runs: DirectRun[] = [];
    for (const pointsPerRequest of values.points.split(',').map(Number)) {
      console.error(`… ${pointsPerRequest} points a write, ${seconds} s`);
      const intervalMs = Number(values.interval) * 1_000;
      runs.push(
        await measureDirect(client, { devices: Number(values.devices), intervalMs, pointsPerRequest, seconds }),
      );
    }
    printDirect(runs);
  };
  await onStack({ args: values['no-search'] ? ['--search', 'none'] : [], readyFile: values.stack }, measureAll);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
