import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Position } from '../../lambdas/contract/position';
import { distance } from '../../lambdas/geo/distance';
import { readDataset } from '../../replay/datasets';
import { correctTrack, maximum, mean, percentile } from './measure';

/** Steps of Porto that no taxi drives (m/s). */
const TOO_FAST = 55;
const SPIKE_TRIP = '1372667894620000589';

/** The trips of the Porto morning, by their ids. */
async function portoTrips(): Promise<Map<string, Position[]>> {
  const trips = new Map<string, Position[]>();
  for (const { task, point } of await readDataset('porto')) {
    const trip = trips.get(task) ?? [];
    trips.set(task, trip);
    trip.push(point);
  }
  return trips;
}

const munichSchema = z.array(z.object({ point: z.string(), time: z.string() }));
const PLACE = /^POINT\((\S+) (\S+)\)$/;

/** The drive through Munich. @param seconds between its points */
export async function munichDrive(seconds: '001' | '015'): Promise<Position[]> {
  const file = join(__dirname, `../../data/munich/x0001-${seconds}.json`);
  return munichSchema.parse(JSON.parse(await readFile(file, 'utf8'))).map(({ point, time }) => {
    const [, lon, lat] = PLACE.exec(point) ?? [];
    // `2014-09-10 06:54:07+0200`
    return { time: Date.parse(`${time.slice(0, 10)}T${time.slice(11, 22)}:00`), lat: Number(lat), lon: Number(lon) };
  });
}

const pairs = <T>(items: readonly T[]) => items.slice(1).map((item, index) => [items[index] ?? item, item] as const);
const steps = (points: readonly Position[]) => pairs(points).map(([a, b]) => distance(a, b));
const fastSteps = (points: readonly Position[]) =>
  pairs(points).filter(([a, b]) => (1_000 * distance(a, b)) / (b.time - a.time) > TOO_FAST).length;

/** Metres by which the points without a flaw moved. */
const moves = (raw: readonly Position[], corrected: readonly Position[]) =>
  corrected.flatMap((point, index) => {
    const seen = raw[index];
    return seen === undefined || point.attributes ? [] : [distance(point, seen)];
  });
const flaws = (corrected: readonly Position[], flaw: string) =>
  corrected.filter(({ attributes }) => attributes?.flaw === flaw).length;

/** Prints what becomes of the taxis of Porto. */
export async function portoReport(): Promise<void> {
  const found = { rawFast: 0, fast: 0, points: 0, spikes: 0, frozen: 0, moved: [] as number[] };
  let spike = '';
  for (const [trip, raw] of await portoTrips()) {
    const corrected = correctTrack(raw);
    found.points += raw.length;
    found.rawFast += fastSteps(raw);
    found.fast += fastSteps(corrected);
    found.spikes += flaws(corrected, 'spike');
    found.frozen += flaws(corrected, 'frozen');
    found.moved.push(...moves(raw, corrected));
    if (trip === SPIKE_TRIP) spike = `${maximum(steps(raw)).toFixed(0)} m → ${maximum(steps(corrected)).toFixed(0)} m`;
  }
  const { points, rawFast, fast, spikes, frozen, moved } = found;
  console.log(`
Porto, ${points} points: steps over ${TOO_FAST} m/s ${rawFast} → ${fast}; points taken for spikes ${spikes}, for frozen ${frozen}.
Longest step of trip ${SPIKE_TRIP}: ${spike}.
The other points moved ${mean(moved).toFixed(2)} m on average, 95 % less than ${percentile(moved, 0.95).toFixed(1)} m, ${moved.filter((metres) => metres > 50).length} more than 50 m.`);
}

/** Prints what becomes of the drive through Munich. */
export async function munichReport(): Promise<void> {
  for (const seconds of ['001', '015'] as const) {
    const raw = await munichDrive(seconds);
    const corrected = correctTrack(raw);
    const moved = moves(raw, corrected);
    console.log(`
Munich each ${Number(seconds)} s, ${raw.length} points: longest step ${maximum(steps(raw)).toFixed(0)} m → ${maximum(steps(corrected)).toFixed(0)} m; taken for frozen ${flaws(corrected, 'frozen')}, for spikes ${flaws(corrected, 'spike')}; the others moved ${mean(moved).toFixed(2)} m on average.`);
  }
}
