import { type Bill, byCapacity, dollarsOf, instanceHours, scaled } from '../prices';
import { assumed, measured } from './coefficients';
import type { Limit } from './limits';
import { type Load, positionsPerSecond, requestsPerSecond } from './load';
import { recordBytes } from './sizes';
import {
  busyParts,
  busySeconds,
  cacheUnitsPerSecond,
  documentsHeld,
  framesPerSecond,
  type Part,
  shards,
  unitsPerSecond,
} from './units';
import { bytesPerPosition, updatesPerSecond, writesPerSecond, writeUnitsPerSecond } from './writes';

const GB = 1024 ** 3;
const MONTH_HOURS = 730;
const MONTH_SECONDS = MONTH_HOURS * 3_600;

/** Kept in Valkey of what a device accepted last. */
const TAIL_SECONDS = 600;

/** A data node: two cores, and as much disk as its kind takes with gp3. Source: "EBS volume size limits", OpenSearch Service. */
const NODE = { type: 'r6g.large.search', cores: 2, diskGb: 2_048 } as const;

export interface Plan {
  positionsPerSecond: number;
  requestsPerSecond: number;
  shards: number;
  streamMegabytesPerSecond: number;
  updatesPerSecond: number;
  writeUnitsPerSecond: number;
  tableGb: number;
  cacheGb: number;
  cacheUnitsPerSecond: number;
  concurrency: Record<Part, number>;
  framesPerSecond: number;
  connections: number;
  index: { nodes: number; documents: number; gb: number; shards: number };
  limits: Limit[];
  /** US dollars a month, by what they are for; `search` and `viewers` apart. */
  dollars: { use: number; hours: number; storage: number; search: number; viewers: number };
}

/** Bytes in Valkey. */
const cacheBytes = ({ devices, intervalSeconds }: Load): number =>
  devices * (measured.cacheBytesPerDevice + (TAIL_SECONDS / intervalSeconds) * measured.tailBytesPerPoint);

/** Positions that are kept: those of the active part of each day. */
const positionsHeld = (load: Load): number => positionsPerSecond(load) * load.activeShare * 86_400 * load.days;

/** Nodes by disk, one replica and a quarter free, and by the CPU that indexing takes, replicas too. At least two. */
function index(load: Load): Plan['index'] {
  const gb = (positionsHeld(load) * measured.indexBytesPerPosition) / GB;
  const cores = (updatesPerSecond(load) * measured.indexingCpuMsPerDocument * 2) / 1_000;
  const byDisk = (gb * 2 * 1.45) / NODE.diskGb;
  const byCpu = cores / (NODE.cores * assumed.fullness);
  const nodes = Math.max(2, Math.ceil(Math.max(byDisk, byCpu)));
  return { nodes, documents: documentsHeld(load), gb, shards: load.cities * load.days * 2 };
}

function concurrency(load: Load): Plan['concurrency'] {
  const busy = busySeconds(load);
  const of = (part: Part): number => Math.ceil(busy[part] / assumed.fullness);
  return {
    ...{ ingest: of('ingest'), live: of('live'), tracks: of('tracks') },
    ...{ search: of('search'), rides: of('rides'), correction: of('correction') },
  };
}

/** The plan's shares that viewers are the reason of: what the load costs more with them than without. */
const withoutViewers = (load: Load): Load => ({ ...load, viewers: 0 });

function dollars(load: Load): Plan['dollars'] {
  const month = (each: Load): number =>
    dollarsOf(byCapacity(scaled(unitsPerSecond(each), MONTH_SECONDS * load.activeShare)));
  const { nodes, gb } = index(load);
  const storage: Bill = { tableGbMonths: tableGb(load), recoveryGbMonths: tableGb(load) };
  const hours: Bill = {
    streamHours: MONTH_HOURS,
    cacheGbHours: Math.max(0.1, cacheBytes(load) / GB) * MONTH_HOURS,
    natHours: 2 * MONTH_HOURS,
    addressHours: 2 * MONTH_HOURS,
    endpointHours: 2 * MONTH_HOURS,
  };
  const masters = 3 * (instanceHours['m6g.large.search'] ?? 0);
  return {
    use: month(withoutViewers(load)),
    hours: dollarsOf(hours),
    storage: dollarsOf(storage),
    search:
      (nodes * (instanceHours[NODE.type] ?? 0) + masters) * MONTH_HOURS +
      dollarsOf({ searchDiskGbMonths: gb * 2 * 1.45 }),
    viewers: month(load) - month(withoutViewers(load)),
  };
}

const tableGb = (load: Load): number => (positionsHeld(load) * bytesPerPosition(load)) / GB;

/** Write units a second of the table that gets more of them: rows with the corrected ones, or rides with their journals. */
function busiestTable(load: Load): number {
  const { tracks, rides, correction } = writesPerSecond(load);
  return Math.max(tracks + correction, rides);
}

function limits(load: Load, plan: Omit<Plan, 'limits' | 'dollars'>): Limit[] {
  const all = plan.concurrency;
  const together = busyParts.reduce((sum, part) => sum + all[part], 0);
  const lambda = 'Lambda quotas, AWS Lambda developer guide';
  const gateway = 'Amazon API Gateway quotas, developer guide';
  const kinesis = 'Quotas and limits, Kinesis developer guide';
  const row = (what: string, need: number, quota: number, raised: boolean, source: string): Limit => {
    return { what, need, quota, raised, source };
  };
  return [
    // One throttle holds HTTP APIs, WebSocket APIs and the posts to their clients together.
    row(
      'API Gateway requests and posts to WebSockets a second, an account',
      plan.requestsPerSecond + plan.framesPerSecond,
      10_000,
      true,
      gateway,
    ),
    row('concurrent executions, an account', together, 1_000, true, lambda),
    row('write units a second, a table', busiestTable(load), 40_000, true, 'Quotas in Amazon DynamoDB'),
    row('shards, an account (us-east-1)', plan.shards, 20_000, true, kinesis),
    row('on-demand stream, MB/s in (us-east-1)', plan.streamMegabytesPerSecond, 10_240, true, kinesis),
    row('new WebSockets a second (two hours each)', load.viewers / 7_200, 500, true, gateway),
    row('ECPUs a second, ceiling of prod', plan.cacheUnitsPerSecond, 500_000, true, 'lib/environments.ts'),
    row('Valkey GB, ceiling of prod', plan.cacheGb, 50, true, 'lib/environments.ts'),
    row('nodes of a search domain', plan.index.nodes, 80, true, 'Amazon OpenSearch Service quotas'),
    row(
      'shards of a search domain',
      plan.index.shards,
      plan.index.nodes * 1_000,
      false,
      'Amazon OpenSearch Service quotas',
    ),
    row('instances more in 10 s, a function, after a full stop', all.ingest, 1_000, false, 'Lambda scaling behavior'),
  ];
}

/** What a load needs and costs. Pure: the same load, the same plan. */
export function plan(load: Load): Plan {
  const parts = {
    positionsPerSecond: positionsPerSecond(load),
    requestsPerSecond: requestsPerSecond(load),
    shards: shards(load),
    streamMegabytesPerSecond: (requestsPerSecond(load) * recordBytes(load.pointsPerRequest)) / 1024 ** 2,
    updatesPerSecond: updatesPerSecond(load),
    writeUnitsPerSecond: writeUnitsPerSecond(load),
    tableGb: tableGb(load),
    cacheGb: cacheBytes(load) / GB,
    cacheUnitsPerSecond: cacheUnitsPerSecond(load),
    concurrency: concurrency(load),
    framesPerSecond: framesPerSecond(load),
    connections: load.viewers,
    index: index(load),
  };
  return { ...parts, limits: limits(load, parts), dollars: dollars(load) };
}

export const monthly = ({ dollars: { use, hours, storage, search, viewers } }: Plan): number =>
  use + hours + storage + search + viewers;
