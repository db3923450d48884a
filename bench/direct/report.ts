import { billOf, total } from '../cost/hops';
import { add, type Bill, byCapacity, dollarsOf, parts, scaled } from '../prices';
import type { DirectRun } from './run';

const MILLION = 1_000_000;

/** What a position that a device wrote goes through, and what is told apart: search, and what runs by the clock. */
const partsOf: [name: string, fits: RegExp, apart?: true][] = [
  ['devices’ own writes', /^direct\d+-/],
  ['check, relay, statistics and journal', /^RidesOn/],
  ['registry', /^TracksOn/],
  ['live and latest', /^LiveOnPositions/],
  ['correction (apart)', /^CorrectionOn/, true],
  ['search (apart)', /^SearchOn/, true],
];

const amount = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

const listed = (bill: Bill): string =>
  parts(bill)
    .map(([unit, value]) => `${amount(value)} ${unit}`)
    .join(', ');

interface Part {
  name: string;
  bill: Bill;
  apart: boolean;
}

/** A run's bill for a million positions. A stream's and Valkey's own units are no function's. */
function billed(run: DirectRun): Part[] {
  const idle = { commands: 0, scripts: 0, scriptMicroseconds: 0, bytes: 0, held: 0 };
  const of = (lines: DirectRun['lines']): Bill =>
    scaled(add([...billOf(lines, idle).values()]), MILLION / run.positions);
  const shared = (service: string) => service === 'kinesis';
  const byPart = partsOf.map(([name, fits, apart = false]): Part => {
    const own = run.lines.filter((line) => !shared(line.service) && fits.test(line.function));
    return { name, bill: of(own), apart };
  });
  const valkey = billOf([], run.valkey).get('Valkey') ?? {};
  return [
    ...byPart,
    { name: 'stream of positions', bill: of(run.lines.filter(({ service }) => shared(service))), apart: false },
    { name: 'Valkey', bill: scaled(valkey, MILLION / run.positions), apart: false },
  ];
}

/** Each run, part by part, for a million positions; then the runs beside one another. */
export function printDirect(runs: readonly DirectRun[]): void {
  for (const run of runs) {
    const { pointsPerRequest, positions, devices, intervalMs, seconds } = run;
    console.log(`### ${pointsPerRequest} points a write\n`);
    console.log(
      `${positions.toLocaleString('en')} positions in ${seconds} s from ${devices} phones, a point each ${intervalMs / 1_000} s.\n`,
    );
    console.log('| part | billable units a million positions | $ |\n|---|---|--:|');
    for (const { name, bill } of billed(run))
      console.log(`| ${name} | ${listed(bill)} | ${dollarsOf(bill).toFixed(3)} |`);
    console.log('');
  }
  console.log(
    '| points a write | write units a point, the device’s own | of all | $ a million, search and correction apart | tables by capacity, as in production |',
  );
  console.log('|--:|--:|--:|--:|--:|');
  for (const run of runs) {
    const units = (fits: RegExp) => total(run.lines, 'writeUnits', (line) => fits.test(line.function)) / run.positions;
    const bill = add(billed(run).flatMap(({ bill, apart }) => (apart ? [] : [bill])));
    const costs = [bill, byCapacity(bill)].map((each) => `$${dollarsOf(each).toFixed(3)}`);
    const cells = [run.pointsPerRequest, units(/^direct\d+-/).toFixed(3), units(/./).toFixed(3), ...costs];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
