import { environments } from '../../lib/environments';
import { type Bill, scaled } from '../prices';
import { assumed, measured } from './coefficients';
import { type Load, positionsPerSecond, requestsPerSecond } from './load';
import { recordBytes } from './sizes';
import { rowsPerSecond, stepsPerSecond, updatesPerSecond, writeUnitsPerSecond } from './writes';

const GB = 1024 ** 3;
const CORE_MB = 1_769;
/** Source: "Quotas and limits", Kinesis developer guide: 1,000 records and 1 MB a second and shard. */
const SHARD_RECORDS = 1_000;
const SHARD_BYTES = 1024 ** 2;
const FRAMES_PER_SECOND = environments.prod.live.framesPerSecond;
const MB = 1_024;
/** Write units a second that a table's partition takes. Source: "Partitions and data distribution", developer guide. */
const PARTITION_UNITS = 1_000;

/** Functions that the load keeps busy. */
export const busyParts = ['ingest', 'live', 'tracks', 'search', 'rides', 'correction'] as const;
export type Part = (typeof busyParts)[number];

/** Shards that carry the records, planned no fuller than they should be. */
export function shards(load: Load): number {
  const records = requestsPerSecond(load);
  const bytes = records * recordBytes(load.pointsPerRequest);
  return Math.max(1, Math.ceil(Math.max(records / SHARD_RECORDS, bytes / SHARD_BYTES) / assumed.fullness));
}

/** Frames to all viewers a second: a vehicle's news comes with its request, and no client gets more than so many. */
export function framesPerSecond({ viewers, vehiclesInView, intervalSeconds, pointsPerRequest }: Load): number {
  return viewers * Math.min(FRAMES_PER_SECOND, vehiclesInView / (intervalSeconds * pointsPerRequest));
}

/** Vehicles in a frame, on average. */
const vehiclesPerFrame = (load: Load): number => {
  const updates = (load.viewers * load.vehiclesInView) / (load.intervalSeconds * load.pointsPerRequest);
  return updates === 0 ? 0 : Math.max(1, updates / framesPerSecond(load));
};

/** Invocations a second of the stream's consumers. */
export function consumerInvocations(load: Load): { live: number; tracks: number; changes: number } {
  const records = requestsPerSecond(load);
  const count = shards(load);
  return {
    live: Math.min(records, count * assumed.livePushesPerSecond),
    tracks: Math.min(records, Math.max(count / load.windowSeconds, records / SHARD_RECORDS)),
    // A table's stream has a shard for each of its partitions, which is asked each second.
    changes: Math.min(updatesPerSecond(load), Math.max(1, writeUnitsPerSecond(load) / PARTITION_UNITS)),
  };
}

/** Seconds of functions at work, a second: what is billed, and how many run at the same time. */
export function busySeconds(load: Load): Record<Part, number> {
  // A function of 1,024 MB has 0.58 of a core: its CPU takes so much longer.
  const stretch = CORE_MB / MB / 1_000;
  const live = positionsPerSecond(load) * measured.liveCpuMs + framesPerSecond(load) * measured.frameCpuMs;
  const waiting = (calls: number, width: number) => (calls * assumed.tableWaitMs) / width / 1_000;
  const [updates, steps, corrected] = [updatesPerSecond(load), stepsPerSecond(load), rowsPerSecond(load)];
  return {
    ingest: requestsPerSecond(load) * (measured.ingestCpuMs * stretch + assumed.ingestWaitMs / 1_000),
    live: live * stretch,
    tracks: updates * measured.tracksCpuMs * stretch + waiting(updates, 32),
    search: updates * measured.searchCpuMs * stretch,
    rides: steps * measured.ridesCpuMs * stretch + waiting(steps * assumed.callsPerStep, 32),
    correction: corrected * measured.correctionCpuMs * stretch + waiting(corrected * assumed.callsPerCorrection, 16),
  };
}

/** ECPUs a second. */
export function cacheUnitsPerSecond(load: Load): number {
  const { commandsPerRequest, scriptsPerRequest, commandsPerFrame, scriptsPerFrame, scriptMicroseconds } = measured;
  const perScript = scriptMicroseconds / 3;
  const request = commandsPerRequest + scriptsPerRequest * (perScript - 1);
  const frame = commandsPerFrame + scriptsPerFrame * (perScript - 1);
  return requestsPerSecond(load) * request + framesPerSecond(load) * frame;
}

/** What a second of the load is billed, but for what costs by the hour; the stream on demand. */
export function unitsPerSecond(load: Load): Bill {
  const records = requestsPerSecond(load);
  const record = recordBytes(load.pointsPerRequest);
  const consumers = consumerInvocations(load);
  const busy = busySeconds(load);
  const frames = framesPerSecond(load);
  const frameBytes = measured.frameBytes + measured.frameBytesPerVehicle * vehiclesPerFrame(load);
  // Search, rides and correction follow the tables.
  const invocations = records + consumers.live + consumers.tracks + 3 * consumers.changes;
  return {
    httpRequests: records,
    socketMessages: frames,
    connectionMinutes: load.viewers / 60,
    invocations,
    gbSeconds: Object.values(busy).reduce((sum, each) => sum + each, 0),
    streamGbIn: (records * Math.ceil(record / 1024) * 1024) / GB,
    streamGbOut: (records * record) / GB,
    onDemandFanOutGb: (records * record) / GB,
    writeUnits: writeUnitsPerSecond(load),
    cacheUnits: cacheUnitsPerSecond(load),
    natGb: (frames * (frameBytes + 900)) / GB,
    endpointGb: (records * record * 4) / 3 / GB,
    logGb: (records * measured.accessLogBytes) / GB,
    outGb: (records * 310 + frames * frameBytes) / GB,
  };
}

/** The same for a million positions: what `npm run bench:cost` measures. */
export const unitsPerMillion = (load: Load): Bill => scaled(unitsPerSecond(load), 1_000_000 / positionsPerSecond(load));

/** Documents that are in the index: a row each. */
export const documentsHeld = (load: Load): number => rowsPerSecond(load) * load.activeShare * 86_400 * load.days;
