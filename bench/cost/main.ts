import { parseArgs } from 'node:util';
import type { Point } from '../../lambdas/contract/position';
import type { StackClient } from '../../test/system/stack';
import { machine } from '../machine';
import { priceList } from '../prices';
import { onStack } from '../running';
import { writeByPoint } from './by-point';
import { printIdle } from './idle-table';
import { printRun, printSummary } from './report';
import { engineUrl, measure, type Run } from './run';

const help = `npm run bench:cost [-- options]

Billable units and dollars a million positions, hop by hop, as the local stack's meter counts them while a fleet on the
roads of Porto's taxis reports in real time; then what environments cost that do nothing.

  --points LIST     points a request (1,5,10)
  --devices N       phones (240)
  --interval S      seconds between two points of a phone (5)
  --viewers N       maps of 2 km × 2 km that watch, in a second run of each kind; 0 leaves those out (48)
  --seconds S       measured seconds of each run (240; 60 with --short)
  --short           a fourth of the time
  --no-search       run without the search domain
  --stack FILE      use the running stack that wrote this ready file
  --idle            only what idle environments cost: nothing is started`;

const options = {
  points: { type: 'string', default: '1,5,10' },
  devices: { type: 'string', default: '240' },
  interval: { type: 'string', default: '5' },
  viewers: { type: 'string', default: '48' },
  seconds: { type: 'string' },
  short: { type: 'boolean', default: false },
  'no-search': { type: 'boolean', default: false },
  stack: { type: 'string' },
  idle: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

async function measureAll(client: StackClient, values: ReturnType<typeof read>): Promise<Run[]> {
  const runs: Run[] = [];
  for (const pointsPerRequest of values.points) {
    for (const viewers of values.viewers > 0 ? [0, values.viewers] : [0]) {
      const name = `${pointsPerRequest} points a request, ${viewers} viewers, ${values.seconds} s`;
      console.error(`… ${name}`);
      const { devices, intervalMs, seconds } = values;
      const run = await measure(client, { devices, intervalMs, seconds, pointsPerRequest, viewers });
      printRun(run);
      runs.push(run);
    }
  }
  return runs;
}

function read() {
  const { values } = parseArgs({ options });
  return {
    ...values,
    points: values.points.split(',').map(Number),
    devices: Number(values.devices),
    intervalMs: Number(values.interval) * 1_000,
    viewers: Number(values.viewers),
    seconds: Number(values.seconds ?? (values.short ? 60 : 240)),
  };
}

/** Points as phones send them, of one device. */
const somePoints = (intervalMs: number): Point[] =>
  Array.from({ length: 2_000 }, (_, index) => ({
    time: 1_763_719_200_000 + index * intervalMs,
    lat: 41.157_943_8,
    lon: -8.629_105_3,
    accuracy: 5,
    speed: 8.4,
    heading: 271,
  }));

async function main(): Promise<void> {
  const values = read();
  if (values.help) return console.log(help);
  console.log(`List prices of ${priceList.region}, ${priceList.date}. ${machine()}.\n`);
  if (!values.idle) {
    const args = values['no-search'] ? ['--search', 'none'] : [];
    await onStack({ args, readyFile: values.stack }, async (client) => {
      const runs = await measureAll(client, values);
      console.error('… one item a point');
      printSummary(
        runs,
        await writeByPoint(await engineUrl(client, 'dynamodb'), 'by-point', somePoints(values.intervalMs)),
      );
    });
  }
  printIdle();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
