import { createHash } from 'node:crypto';
import { readDataset } from '../../replay/datasets';

/** A report on the plane: metres east and north of the middle of Porto, time in ms. */
export interface Report {
  time: number;
  x: number;
  y: number;
}

/** The reports of one vehicle in order of time. */
export interface Trace {
  id: string;
  reports: Report[];
}

const MIDDLE = { lat: 41.158, lon: -8.62 };
const METRES_PER_DEGREE = 111_195;
const toPlane = ({ lat, lon }: { lat: number; lon: number }) => ({
  x: (lon - MIDDLE.lon) * METRES_PER_DEGREE * Math.cos((MIDDLE.lat * Math.PI) / 180),
  y: (lat - MIDDLE.lat) * METRES_PER_DEGREE,
});

/** A figure from 0 to 1 that a name decides: the same in every run. */
export const chance = (...names: (string | number)[]): number =>
  createHash('sha256').update(names.join('|')).digest().readUInt32BE(0) / 2 ** 32;

/** Reports each `intervalMs`, at a phase of the vehicle's own, on the straight lines between the recorded places. */
function resampled(id: string, recorded: readonly Report[], intervalMs: number): Report[] {
  const reports: Report[] = [];
  const [first, last] = [recorded[0], recorded.at(-1)];
  if (!first || !last) return reports;
  let leg = 0;
  for (let time = first.time + chance('phase', id) * intervalMs; time <= last.time; time += intervalMs) {
    while (leg < recorded.length - 2 && (recorded[leg + 1]?.time ?? 0) <= time) leg += 1;
    const [from, to] = [recorded[leg] ?? first, recorded[leg + 1] ?? last];
    const part = to.time === from.time ? 0 : (time - from.time) / (to.time - from.time);
    reports.push({ time, x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
  }
  return reports;
}

/**
 * The trips of the Porto morning, all begun within `windowMs`: the shorter, the more vehicles at once. A trip is a
 * vehicle: it comes and goes as taxis do that are on the map only while they are hired.
 */
export async function readTraces(windowMs: number, intervalMs: number): Promise<Trace[]> {
  const trips = new Map<string, Report[]>();
  for (const { task, point } of await readDataset('porto')) {
    const reports = trips.get(task) ?? [];
    trips.set(task, reports);
    reports.push({ time: point.time, ...toPlane(point) });
  }
  const begin = Math.min(...[...trips.values()].map(([first]) => first?.time ?? Number.POSITIVE_INFINITY));
  return [...trips].map(([id, reports]) => {
    const start = (reports[0]?.time ?? begin) - begin;
    const shift = (start % windowMs) - start - begin;
    const shifted = reports.map((report) => ({ ...report, time: report.time + shift }));
    return { id, reports: resampled(id, shifted, intervalMs) };
  });
}
