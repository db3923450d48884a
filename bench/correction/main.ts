import type { Position } from '../../lambdas/contract/position';
import { machine } from '../machine';
import { normal, seeded } from '../random';
import { correctTrack, maximum, mean, percentile } from './measure';
import { munichReport, portoReport } from './recorded';
import { drive, errorsOf, type Receiver, receive, type Seen, type Vehicle, vehicles } from './synthetic';

const HELP = `npm run bench:correction [-- --help]

How far raw and corrected points lie from where the device was: on made-up drives (a car and a bike through a town of
straights, corners and lights, and a device that stands) seen by receivers of known error, four drives of twenty minutes
a cell, each minute corrected from its own window of five as the service does it; and what becomes of recorded flaws:
Porto's taxis, and a car in Munich. Seeded: the same errors on every machine. Some twenty seconds of CPU.`;

const SECONDS = 1_200;
const DRIVES = [1, 2, 3, 4];
const INTERVALS = [1, 5, 15];
const SIGMAS = [0, 5, 10, 20, 50];

let corrected = 0;
let cpuMs = 0;

function timed(raw: readonly Position[]): Position[] {
  const from = process.cpuUsage();
  const points = correctTrack(raw);
  const { user, system } = process.cpuUsage(from);
  cpuMs += (user + system) / 1_000;
  corrected += points.length;
  return points;
}

function errors(seen: readonly Seen[]): { raw: number[]; corrected: number[] } {
  return {
    raw: seen.flatMap(({ raw, truth }) => errorsOf(raw, truth)),
    corrected: seen.flatMap(({ raw, truth }) => errorsOf(timed(raw), truth)),
  };
}

const drives = (vehicle: Vehicle, receiver: Receiver): Seen[] =>
  DRIVES.map((seed) => receive(drive(vehicle, SECONDS, seed), receiver, 1_000 + seed));

const cell = (raw: number, corrected: number) => `${raw.toFixed(1)} → ${corrected.toFixed(1)}`;

/** Mean and 95th percentile of the errors, raw and corrected. */
function cells(seen: readonly Seen[]): string[] {
  const { raw, corrected } = errors(seen);
  return [cell(mean(raw), mean(corrected)), cell(percentile(raw, 0.95), percentile(corrected, 0.95))];
}

function noiseTable(remembers: number, title: string): void {
  console.log(`\n${title}: mean (95 %), m\n`);
  console.log(`| | ${SIGMAS.map((sigma) => `σ ${sigma} m`).join(' | ')} |`);
  console.log(`|---|${SIGMAS.map(() => '--:').join('|')}|`);
  for (const vehicle of vehicles) {
    for (const interval of INTERVALS) {
      const columns = SIGMAS.map((sigma) => {
        const [middle, most] = cells(drives(vehicle, { sigma, remembers, interval }));
        return `${middle} (${most})`;
      });
      console.log(`| ${vehicle.name}, each ${interval} s | ${columns.join(' | ')} |`);
    }
  }
}

/** How far correction moves points that need none. */
function printClean(): void {
  const clean = { sigma: 0, remembers: 0 };
  const all = vehicles.flatMap((vehicle) =>
    INTERVALS.flatMap((interval) => errors(drives(vehicle, { ...clean, interval })).corrected),
  );
  console.log(`\nσ 0 m: ${mean(all).toFixed(2)} m on average, ${maximum(all).toFixed(1)} m at most.`);
}

function printRow(label: string, seen: readonly Seen[]): void {
  console.log(`| ${label} | ${cells(seen).join(' | ')} |`);
}

/** One point of a hundred lies 100 to 2,000 m off. */
function withSpikes(seen: Seen, seed: number): Seen {
  const random = seeded(seed);
  const raw = seen.raw.map((point) => {
    if (random() >= 0.01) return point;
    const [far, heading] = [100 + 1_900 * random(), 2 * Math.PI * random()];
    const [north, east] = [far * Math.cos(heading), far * Math.sin(heading)];
    return { ...point, lat: point.lat + north / 111_195, lon: point.lon + east / 83_700 };
  });
  return { ...seen, raw };
}

/** Once in three minutes the receiver tells one place for 20 to 60 s. */
function withFreezes(seen: Seen, seed: number): Seen {
  const random = seeded(seed);
  let held: Position | undefined;
  let until = 0;
  const raw = seen.raw.map((point) => {
    if (point.time >= until) held = undefined;
    if (!held && random() < 1 / 180) {
      held = point;
      until = point.time + 1_000 * (20 + 40 * random());
    }
    return held ? { ...point, lat: held.lat, lon: held.lon } : point;
  });
  return { ...seen, raw };
}

/** A receiver that doubts some points, and tells so. */
function withAccuracies(vehicle: Vehicle, interval: number): Seen[] {
  return drives(vehicle, { sigma: 0, remembers: 0, interval }).map((seen, index) => {
    const random = seeded(50 + index);
    const raw = seen.raw.map((point) => {
      const sigma = random() < 0.2 ? 40 : 5;
      const [north, east] = [sigma * normal(random), sigma * normal(random)];
      return { ...point, lat: point.lat + north / 111_195, lon: point.lon + east / 83_700, accuracy: 1.51 * sigma };
    });
    return { ...seen, raw };
  });
}

function flawTable(): void {
  console.log('\n| σ 5 m, and | mean (m) | 95 % (m) |\n|---|--:|--:|');
  for (const vehicle of vehicles.filter(({ name }) => name !== 'standing')) {
    for (const interval of INTERVALS) {
      const label = `${vehicle.name} each ${interval} s`;
      const seen = drives(vehicle, { sigma: 5, remembers: 0, interval });
      printRow(`spikes, ${label}`, seen.map(withSpikes));
      if (interval === 1) printRow(`freezes, ${label}`, seen.map(withFreezes));
      printRow(`each fifth point σ 40 m, accuracies told, ${label}`, withAccuracies(vehicle, interval));
    }
  }
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(HELP);
  console.log(machine());
  noiseTable(0, 'Errors that know nothing of each other');
  printClean();
  noiseTable(20, 'Errors that last some 20 s');
  flawTable();
  await portoReport();
  await munichReport();
  console.log(`\nCPU: ${((1_000 * cpuMs) / corrected).toFixed(0)} ms for a thousand points of the tables.`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
