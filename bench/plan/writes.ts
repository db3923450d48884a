import { type Load, positionsPerSecond, requestsPerSecond } from './load';
import { entryBytes, pointBytes, rowBytes } from './sizes';

/** Records of a shard and second at the most; a batch of the tracks consumer at the most (`lib/tracks.ts`). */
const SHARD_RECORDS = 1_000;
const BATCH_RECORDS = 1_000;

/**
 * Points of a device that one update writes. Requests that come within the consumer's window are written together;
 * a full batch ends the window, so full shards gather for a second only.
 */
function gathered(load: Load): number {
  const { pointsPerRequest, intervalSeconds, windowSeconds } = load;
  const window = Math.min(windowSeconds, windowOfFullBatch(load));
  return pointsPerRequest * Math.max(1, window / (pointsPerRequest * intervalSeconds));
}

/** A batch fills in a second where shards are full, which the plan's are. */
const windowOfFullBatch = (load: Load): number =>
  requestsPerSecond(load) < SHARD_RECORDS
    ? BATCH_RECORDS / Math.max(1, requestsPerSecond(load))
    : BATCH_RECORDS / SHARD_RECORDS;

/** Rows that so many points in succession lie in, on average: a minute each, and they begin anywhere in one. */
export function rowsTouched(points: number, intervalSeconds: number): number {
  return Math.min(points, 1 + ((points - 1) * intervalSeconds) / 60);
}

/** Updates of rows a second. */
export function updatesPerSecond(load: Load): number {
  const points = gathered(load);
  return (positionsPerSecond(load) / points) * rowsTouched(points, load.intervalSeconds);
}

/** Sizes of a filling row that are averaged over. */
const SAMPLES = 200;

/** Write units of an update, on average while a minute's row fills: the whole row counts, in kilobytes. */
export function unitsPerUpdate(load: Load): number {
  const most = Math.max(1, 60 / load.intervalSeconds);
  const points = gathered(load);
  const least = Math.min(most, points / rowsTouched(points, load.intervalSeconds));
  let units = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const held = least + ((most - least) * (sample + 0.5)) / SAMPLES;
    units += Math.ceil((rowBytes + pointBytes * held) / 1024);
  }
  return units / SAMPLES;
}

/** Write units a second: of rows and the registry, of rides and their journals, and of corrected rows. */
export interface Writes {
  tracks: number;
  rides: number;
  correction: number;
}

export function writesPerSecond(load: Load): Writes {
  const perHour = load.devices / 3_600;
  const points = gathered(load);
  const entry = Math.ceil(entryBytes(points, rowsTouched(points, load.intervalSeconds)) / 1024);
  const pointsPerRow = Math.max(1, 60 / load.intervalSeconds);
  return {
    // Each device is registered once an hour by the instance that reads its shard.
    tracks: updatesPerSecond(load) * unitsPerUpdate(load) + perHour,
    // The entry and the ride, which is about a kilobyte; once an hour the hour that is over, and where the ride is.
    rides: stepsPerSecond(load) * (entry + 1) + 2 * perHour,
    // Each row once, when its context is complete.
    correction: rowsPerSecond(load) * Math.ceil((rowBytes + pointBytes * pointsPerRow) / 1024),
  };
}

export const writeUnitsPerSecond = (load: Load): number => {
  const { tracks, rides, correction } = writesPerSecond(load);
  return tracks + rides + correction;
};

/** Steps of rides a second: what was gathered of a device is counted together, whichever rows it lies in. */
export const stepsPerSecond = (load: Load): number => positionsPerSecond(load) / gathered(load);

/** Bytes that a position takes in the tables: its share of a row, of the corrected row, and of a journal entry. */
export function bytesPerPosition(load: Load): number {
  const { intervalSeconds } = load;
  const points = gathered(load);
  const row = pointBytes + (rowBytes + 100) / Math.max(1, 60 / intervalSeconds);
  return 2 * row + (entryBytes(points, rowsTouched(points, intervalSeconds)) + 100) / points;
}

/** Rows, and so documents, that the devices make a second. */
export const rowsPerSecond = (load: Load): number => load.devices / Math.max(60, load.intervalSeconds);
