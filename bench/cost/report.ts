import { add, type Bill, byCapacity, dollarsOf, parts, prices, scaled } from '../prices';
import type { ByPoint } from './by-point';
import { billOf, type Hop, hopOf, hops, total } from './hops';
import type { Run } from './run';

const MILLION = 1_000_000;

/** Hops that are not billed by positions, or told apart from them. */
const apart: readonly Hop[] = ['search', 'viewers', 'clock', 'other'];

/** What is no part of the spine: rides come after it. */
const besideSpine: readonly Hop[] = [...apart, 'rides', 'correction'];

const money = (dollars: number): string => dollars.toFixed(dollars < 0.1 ? 4 : 3);

function amount(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en');
  return value >= 1 ? value.toFixed(1) : value.toPrecision(2);
}

const listed = (bill: Bill): string =>
  parts(bill)
    .map(([unit, value]) => `${amount(value)} ${unit}`)
    .join(', ');

/** A run's bill for a million positions, by hop. */
export function perMillion(run: Run): Map<Hop, Bill> {
  const bills = [...billOf(run.lines, run.valkey)];
  return new Map(bills.map(([hop, bill]) => [hop, scaled(bill, MILLION / run.positions)]));
}

/** What a million positions are billed, without some hops. */
const billWithout = (run: Run, without: readonly Hop[]): Bill =>
  add([...perMillion(run)].flatMap(([hop, bill]) => (without.includes(hop) ? [] : [bill])));

/** What a million positions cost: all hops but those told apart. */
const costOf = (run: Run, without = apart): number => dollarsOf(billWithout(run, without));

/** What is saved of it where tables are billed by a capacity, as in production. */
function capacitySaves(run: Run, without: readonly Hop[]): number {
  const bill = billWithout(run, without);
  return dollarsOf(bill) - dollarsOf(byCapacity(bill));
}

/** Megabytes of memory at which Lambda gives one core. Source: "Configure Lambda function memory", developer guide. */
const CORE_MB = 1_769;

/**
 * The same, were the functions' CPU all their time: at a core's share a GB-second buys as much CPU whatever the
 * memory. A floor, since whoever waits is billed too, and without the noise of the machine that measured.
 */
function floorOf(run: Run, without = apart): number {
  const measured = { gbSeconds: 0, cpuMs: 0 };
  for (const { service, function: name, units } of run.lines) {
    if (service !== 'lambda' || without.includes(hopOf(name))) continue;
    measured.gbSeconds += units.gbSeconds ?? 0;
    measured.cpuMs += units.cpuMs ?? 0;
  }
  const least = (measured.cpuMs / 1_000) * (CORE_MB / 1024);
  return costOf(run, without) - (dollarsOf({ gbSeconds: measured.gbSeconds - least }) * MILLION) / run.positions;
}

/** Dollars of an hour of one viewer, next to what the same positions cost without any. */
export function viewerHour(run: Run, alone: Run): number {
  const of = (each: Run, ...some: Hop[]): number => {
    const bills = billOf(each.lines, each.valkey);
    return some.reduce((sum, hop) => sum + dollarsOf(bills.get(hop) ?? {}), 0) / each.seconds;
  };
  const more = of(run, 'viewers') + of(run, 'live', 'Valkey', 'logs') - of(alone, 'live', 'Valkey', 'logs');
  return (more * 3_600) / run.viewers;
}

function printSum(run: Run, what: string, without: readonly Hop[]): void {
  const floor = floorOf(run, without);
  console.log(`| **${what}** | | **${money(costOf(run, without))}** |`);
  console.log(`| the same, with the functions’ CPU as all their time | | ${money(floor)} |`);
  console.log(`| and with tables by capacity, as in production | | ${money(floor - capacitySaves(run, without))} |`);
}

/** One run, hop by hop, for a million positions. */
export function printRun(run: Run): void {
  const { pointsPerRequest, viewers, devices, intervalMs, positions, seconds } = run;
  console.log(
    `### ${pointsPerRequest} points a request${viewers > 0 ? `, ${viewers} viewers` : ''}\n\n` +
      `${positions.toLocaleString('en')} positions in ${seconds} s from ${devices} phones, one point each ${intervalMs / 1_000} s.\n`,
  );
  console.log('| hop | billable units a million positions | $ |\n|---|---|--:|');
  const bills = perMillion(run);
  for (const hop of hops) {
    const bill = bills.get(hop) ?? {};
    if (dollarsOf(bill) === 0) continue;
    console.log(`| ${hop}${apart.includes(hop) ? ' (apart)' : ''} | ${listed(bill)} | ${money(dollarsOf(bill))} |`);
  }
  printSum(run, 'all but what is apart', apart);
  printSum(run, 'the spine: without rides and correction too', besideSpine);
  console.log('');
  const each = (service: string, unit: string, action?: string) =>
    total(run.lines, unit, (line) => line.service === service && (!action || line.action === action)) / positions;
  const { commands, scripts, scriptMicroseconds } = run.valkey;
  console.log(
    `${[
      `${each('dynamodb', 'writeUnits').toFixed(3)} write units a position`,
      `${each('es', 'documents').toFixed(3)} documents and ${each('es', 'sent').toFixed(0)} bytes to the index a position`,
      `${(commands / positions).toFixed(1)} Valkey commands a position, of them ${(scripts / positions).toFixed(1)} scripts of ${(scriptMicroseconds / Math.max(1, scripts)).toFixed(0)} µs`,
      `functions: ${each('lambda', 'durationMs').toFixed(1)} ms and ${each('lambda', 'cpuMs').toFixed(1)} ms of CPU a position`,
    ].join('; ')}.\n`,
  );
  printFunctions(run);
}

/** Which functions ran, how long, and how much CPU that took: what of the time is assumed. */
function printFunctions({ lines, positions }: Run): void {
  console.log('| function | invocations | GB-seconds | ms each | ms of CPU each |\n|---|--:|--:|--:|--:|');
  const invoked = lines.filter(({ service }) => service === 'lambda');
  for (const { function: name, calls, units } of invoked.sort((a, b) => b.calls - a.calls)) {
    const { gbSeconds = 0, durationMs = 0, cpuMs = 0 } = units;
    const million = MILLION / positions;
    const cells = [calls * million, gbSeconds * million].map(amount);
    const ms = [durationMs / calls, cpuMs / calls].map((value) => value.toFixed(1));
    console.log(`| ${[name.replace(/[0-9A-F]{8}$/, ''), ...cells, ...ms].join(' | ')} |`);
  }
  console.log('');
}

/** All runs beside one another, beside one item a point, and beside a managed tracker. */
export function printSummary(runs: readonly Run[], byPoint: ByPoint): void {
  console.log('### Dollars a million positions\n');
  console.log(
    '| points a request | Waystream | with CPU as all of the functions’ time | of it writes | with one item a point | a managed tracker | a viewer’s hour |',
  );
  console.log('|--:|--:|--:|--:|--:|--:|--:|');
  const units = byPoint.writeUnits / byPoint.points;
  for (const run of runs.filter(({ viewers }) => viewers === 0)) {
    const writes = dollarsOf({ writeUnits: add([...perMillion(run).values()]).writeUnits ?? 0 });
    const tracked = dollarsOf({ writeUnits: perMillion(run).get('tracks')?.writeUnits ?? 0 });
    const instead = costOf(run) - tracked + dollarsOf({ writeUnits: units * MILLION });
    const watched = runs.find((other) => other.viewers > 0 && other.pointsPerRequest === run.pointsPerRequest);
    const hour = watched ? `$${viewerHour(watched, run).toFixed(4)}` : '–';
    const tracker = dollarsOf({ trackerPositions: MILLION });
    const cells = [costOf(run), floorOf(run), writes, instead].map(money).map((cell) => `$${cell}`);
    console.log(`| ${[run.pointsPerRequest, ...cells, `$${tracker.toFixed(0)}`, hour].join(' | ')} |`);
  }
  console.log(`\nAn item of one point took ${units} write units (${byPoint.points} written and measured).`);
  console.log(`Tracker: ${prices.trackerPositions.source}, list price.\n`);
}
