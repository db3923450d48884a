import { parseArgs } from 'node:util';
import { byCapacity, dollarsOf, priceList } from '../prices';
import { exceeded, first } from './limits';
import { type Load, usual } from './load';
import { monthly, type Plan, plan } from './plan';
import { unitsPerMillion } from './units';

const help = `npm run bench:plan [-- options]

What a load needs and costs. Without options, three loads: a hundred thousand phones each 5 s, three million drivers
each 4 s, and a peak of a million requests a second. Nothing is started.

  --devices N      that report at the same time
  --interval S     seconds between two points of a device (5)
  --points N       points a request (${usual.pointsPerRequest})
  --viewers N      maps that are watched at the same time (${usual.viewers})
  --in-view N      vehicles on such a map (${usual.vehiclesInView})
  --days N         days that history is kept (${usual.days})
  --cities N       cities, with an index a day each (${usual.cities})
  --active SHARE   part of the day at which the devices report, 0 to 1 (${usual.activeShare})
  --window S       seconds that the tracks consumer gathers for (${usual.windowSeconds})`;

const options = {
  devices: { type: 'string' },
  interval: { type: 'string', default: '5' },
  points: { type: 'string', default: String(usual.pointsPerRequest) },
  viewers: { type: 'string', default: String(usual.viewers) },
  'in-view': { type: 'string', default: String(usual.vehiclesInView) },
  days: { type: 'string', default: String(usual.days) },
  cities: { type: 'string', default: String(usual.cities) },
  active: { type: 'string', default: String(usual.activeShare) },
  window: { type: 'string', default: String(usual.windowSeconds) },
  help: { type: 'boolean', default: false },
} as const;

const examples: [name: string, load: Load][] = [
  [
    '100,000 phones, a point each 5 s, 5 a request, 20,000 viewers',
    { ...usual, devices: 100_000, intervalSeconds: 5, pointsPerRequest: 5, viewers: 20_000, cities: 10 },
  ],
  [
    '3,000,000 drivers, a point each 4 s, 1 a request, 1,000,000 viewers',
    { ...usual, devices: 3_000_000, intervalSeconds: 4, viewers: 1_000_000, cities: 200 },
  ],
  [
    'a peak of 1,000,000 requests a second: 4,000,000 drivers, a point each 4 s',
    { ...usual, devices: 4_000_000, intervalSeconds: 4, viewers: 1_000_000, cities: 200, activeShare: 0.05 },
  ],
];

function amount(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en');
  return value >= 1 ? value.toFixed(1) : value.toPrecision(2);
}

function needs(found: Plan, load: Load): [string, string][] {
  const { concurrency: all, index } = found;
  const together = Object.values(all).reduce((sum, each) => sum + each, 0);
  return [
    ['positions a second', amount(found.positionsPerSecond)],
    ['requests a second', amount(found.requestsPerSecond)],
    ['Kinesis', `${amount(found.shards)} shards, or on demand ${amount(found.streamMegabytesPerSecond)} MB/s`],
    ['updates of rows a second', `${amount(found.updatesPerSecond)}, ${amount(found.writeUnitsPerSecond)} write units`],
    ['tables', `${amount(found.tableGb)} GB of ${load.days} days`],
    ['Valkey', `${amount(found.cacheGb)} GB, ${amount(found.cacheUnitsPerSecond)} ECPU/s`],
    [
      'functions at the same time',
      `${amount(together)}: ${Object.entries(all)
        .map(([name, count]) => `${name} ${amount(count)}`)
        .join(', ')}`,
    ],
    ['WebSockets', `${amount(found.connections)}, ${amount(found.framesPerSecond)} frames a second`],
    ['index', `${amount(index.documents)} documents, ${amount(index.gb)} GB, ${amount(index.nodes)} r6g.large.search`],
  ];
}

function print(name: string, load: Load): void {
  const found = plan(load);
  const { use, hours, storage, search, viewers } = found.dollars;
  console.log(`### ${name}\n\n| | |\n|---|---|`);
  for (const [what, need] of needs(found, load)) console.log(`| ${what} | ${need} |`);
  const parts = Object.entries({ 'by use': use, 'by the hour': hours, storage, viewers, search });
  console.log(
    `| dollars a month | ${amount(monthly(found))}: ${parts.map(([part, sum]) => `${part} ${amount(sum)}`).join(', ')} |`,
  );
  console.log(
    `| by use, a million positions | $${dollarsOf(byCapacity(unitsPerMillion({ ...load, viewers: 0 }))).toFixed(2)} |\n`,
  );
  const over = exceeded(found.limits);
  const nearest = first(found.limits);
  if (over.length === 0 && nearest) {
    const share = ((100 * nearest.need) / nearest.quota).toFixed(0);
    console.log(
      `No limit is exceeded. The first to break: ${nearest.what}, at ${share} % of ${amount(nearest.quota)}.\n`,
    );
    return;
  }
  console.log(
    'What breaks, first what breaks first:\n\n| limit | needed | default | raised on request | source |\n|---|--:|--:|---|---|',
  );
  for (const { what, need, quota, raised, source } of over) {
    console.log(`| ${what} | ${amount(need)} | ${amount(quota)} | ${raised ? 'yes' : 'no'} | ${source} |`);
  }
  console.log('');
}

function main(): void {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(help);
    return;
  }
  console.log(
    `List prices of ${priceList.region}, ${priceList.date}; figures that are measured or assumed: bench/plan/coefficients.ts.\n`,
  );
  if (values.devices === undefined) {
    for (const [name, load] of examples) print(name, load);
    return;
  }
  print('The load asked for', {
    devices: Number(values.devices),
    intervalSeconds: Number(values.interval),
    pointsPerRequest: Number(values.points),
    viewers: Number(values.viewers),
    vehiclesInView: Number(values['in-view']),
    days: Number(values.days),
    cities: Number(values.cities),
    activeShare: Number(values.active),
    windowSeconds: Number(values.window),
  });
}

main();
