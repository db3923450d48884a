import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Point } from '../lambdas/contract/position';

/** One point of a recorded set, as its device reported it then. */
export interface Recorded {
  device: string;
  task: string;
  point: Point;
}

export const datasetNames = ['porto', 'austin-2015', 'austin-2017'] as const;
export type DatasetName = (typeof datasetNames)[number];

const folder = join(__dirname, '..', 'data');

/** Seconds between two points of a Porto trip. */
const PORTO_INTERVAL_MS = 15_000;

/** Splits a CSV line; the sets quote a field only to hold commas, never a quote within one. */
function fields(line: string): string[] {
  return [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)].map((match) => match[2] ?? match[1] ?? '');
}

function rows(csv: string): Record<string, string>[] {
  const [header = '', ...lines] = csv.split('\n').map((line) => line.trimEnd());
  const names = fields(header);
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const values = fields(line);
      return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
    });
}

const polylineSchema = z.array(z.tuple([z.number(), z.number()]));
const tripSchema = z.object({
  TRIP_ID: z.string(),
  TAXI_ID: z.string(),
  TIMESTAMP: z.coerce.number(),
  POLYLINE: z.string(),
});

function portoTrip(row: Record<string, string>): Recorded[] {
  const trip = tripSchema.parse(row);
  return polylineSchema.parse(JSON.parse(trip.POLYLINE)).map(([lon, lat], index) => ({
    device: `taxi-${trip.TAXI_ID}`,
    task: trip.TRIP_ID,
    point: { time: trip.TIMESTAMP * 1_000 + index * PORTO_INTERVAL_MS, lat, lon },
  }));
}

const busSchema = z.object({
  vehicle_id: z.string(),
  timestamp: z.iso.datetime({ offset: true }),
  speed: z.coerce.number(),
  route_id: z.string(),
  trip_id: z.string(),
  latitude: z.coerce.number(),
  longitude: z.coerce.number(),
});

function bus(row: Record<string, string>): Recorded {
  const fix = busSchema.parse(row);
  return {
    device: `bus-${fix.vehicle_id}`,
    task: fix.trip_id,
    point: {
      time: Date.parse(fix.timestamp),
      lat: fix.latitude,
      lon: fix.longitude,
      speed: fix.speed,
      attributes: { route: fix.route_id },
    },
  };
}

const inOrder = (recorded: Recorded[]) =>
  recorded.sort((a, b) => a.point.time - b.point.time || (a.device < b.device ? -1 : 1));

/** Reads one of the sets that come with the project, in order of time. Sources and licences: `data/README.md`. */
export async function readDataset(name: DatasetName): Promise<Recorded[]> {
  if (name === 'porto')
    return inOrder(rows(await readFile(join(folder, 'porto/train.1k.csv'), 'utf8')).flatMap(portoTrip));
  const file = name === 'austin-2015' ? '2015-09-06' : '2017-04-18';
  const csv = gunzipSync(await readFile(join(folder, `austin/${file}.csv.gz`))).toString('utf8');
  return inOrder(rows(csv).map(bus));
}
