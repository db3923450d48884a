/** What differs between environments. Everything else is the same template. */
export interface Environment {
  name: 'dev' | 'staging' | 'prod';
  /** Days that positions, and the log lines about them, are kept. */
  retentionDays: number;
  logDays: 7 | 30 | 90;
  /** Data outlives its stack, and a table or user pool refuses to be deleted. */
  keepsData: boolean;
  /** The way out of the private subnets: a NAT gateway in so many zones, or one small instance (a tenth of the price). */
  nat: { kind: 'instance' } | { kind: 'gateways'; count: number };
  /** An idle provisioned shard costs a third of an idle on-demand stream; on-demand follows the load by itself. */
  stream: { mode: 'provisioned'; shards: number } | { mode: 'on-demand' };
  /**
   * How the tables of positions and rides are billed: by the request, or by a capacity that follows the load within
   * bounds, at two fifths of the price. A surge beyond it waits some minutes for more: all that writes these tables
   * stands behind a stream or tries again, and what waits is read from Valkey.
   */
  tables: 'on-demand' | TableCapacity;
  /** `none`: searches answer 503, everything else works. */
  search: SearchSize | 'none';
  /** Ceilings of the cache: beyond them it evicts and throttles instead of costing more. */
  valkey: { maxGigabytes: number; maxUnitsPerSecond: number };
  /** Seconds that the tracks consumer gathers points for: the longer, the fewer writes. */
  tracksWindowSeconds: number;
  /**
   * Seconds that correction gathers news of tracks for: it judges whole minutes, so that sooner only costs more. A
   * record's age counts as the consumer's delay, whose alarm sounds from a minute on.
   */
  correctionWindowSeconds: number;
  /** Instances set aside for a function, by `area/on-event`; the account's other functions can't take them. */
  reservedConcurrency: Readonly<Record<string, number>>;
  /** Where alarms go: mail addresses; none means that the topic has no subscriber. */
  alarmEmails: readonly string[];
  corsOrigins: readonly string[];
  /** Token buckets of ingest: requests a second, and at once. `app` is a device key's. */
  limits: { device: Bucket; address: Bucket; app: Bucket };
  /** Stage throttles: requests or messages a second, and at once, of all clients together. */
  throttle: { http: Bucket; socket: Bucket };
  /**
   * Devices that write their rows themselves: how long their credentials last (15 to 60 minutes; they renew half-way,
   * so that the other half is how long the API may be away), and how many points a day may be refused to a device
   * before it gets no more of them.
   */
  directWrite: { minutes: number; refusedLimit: number };
  live: {
    framesPerSecond: number;
    staleAfterSeconds: number;
    pseudonymMinutes: number;
    /** Longer hides vehicles better when their pseudonyms change, and leaves viewers without them for longer. */
    pseudonymSilenceSeconds: number;
  };
}

export interface Bucket {
  rate: number;
  burst: number;
}

export interface TableCapacity {
  /** Units a second, at least and at most. */
  writes: Bounds;
  reads: Bounds;
  /** How much of it is to be used, in percent: what is left takes the load while more is on its way. */
  usedPercent: number;
}

export interface Bounds {
  least: number;
  most: number;
}

export interface SearchSize {
  instanceType: string;
  instances: number;
  /** Masters of their own keep a domain of three nodes or more steady. */
  masters: { instanceType: string; count: 3 } | 'none';
  gigabytes: number;
}

/** A phone reports once a second at most; the rest is head-room for one that comes back from a tunnel. */
const device: Bucket = { rate: 3, burst: 5 };
/** Apps send one point a request: a phone that comes back from a tunnel has many requests waiting. */
const app: Bucket = { rate: 10, burst: 100 };
/**
 * Each frame is a message that is billed, so a viewer of a busy street costs at most twice what four a second would
 * cost; but a position that has just missed a frame waits for an eighth of a second and not for a quarter.
 */
const live = { framesPerSecond: 8, staleAfterSeconds: 300, pseudonymMinutes: 15, pseudonymSilenceSeconds: 60 };

const dev: Environment = {
  name: 'dev',
  retentionDays: 400,
  logDays: 7,
  keepsData: false,
  nat: { kind: 'instance' },
  stream: { mode: 'provisioned', shards: 1 },
  tables: 'on-demand',
  search: { instanceType: 't3.small.search', instances: 1, masters: 'none', gigabytes: 10 },
  valkey: { maxGigabytes: 1, maxUnitsPerSecond: 5_000 },
  tracksWindowSeconds: 1,
  correctionWindowSeconds: 1,
  reservedConcurrency: {},
  alarmEmails: [],
  corsOrigins: ['http://localhost:4680', 'http://127.0.0.1:4680'],
  limits: { device, address: { rate: 3, burst: 5 }, app },
  throttle: { http: { rate: 2_000, burst: 4_000 }, socket: { rate: 1_000, burst: 2_000 } },
  directWrite: { minutes: 60, refusedLimit: 100 },
  live,
};

const staging: Environment = {
  ...dev,
  name: 'staging',
  retentionDays: 90,
  logDays: 30,
  keepsData: true,
  nat: { kind: 'gateways', count: 1 },
  stream: { mode: 'on-demand' },
  search: { instanceType: 't3.medium.search', instances: 2, masters: 'none', gigabytes: 50 },
  valkey: { maxGigabytes: 5, maxUnitsPerSecond: 50_000 },
  tracksWindowSeconds: 5,
  correctionWindowSeconds: 30,
  corsOrigins: [],
  limits: { device, address: { rate: 300, burst: 600 }, app },
  directWrite: { minutes: 60, refusedLimit: 1_000 },
};

const prod: Environment = {
  ...staging,
  name: 'prod',
  retentionDays: 400,
  logDays: 90,
  nat: { kind: 'gateways', count: 2 },
  tables: { writes: { least: 10, most: 40_000 }, reads: { least: 50, most: 20_000 }, usedPercent: 70 },
  search: {
    instanceType: 'r6g.large.search',
    instances: 2,
    masters: { instanceType: 'm6g.large.search', count: 3 },
    gigabytes: 200,
  },
  valkey: { maxGigabytes: 50, maxUnitsPerSecond: 500_000 },
  reservedConcurrency: {
    'ingest/on-positions': 400,
    'tracks/on-positions': 100,
    'live/on-positions': 100,
    'files/on-upload': 20,
  },
  throttle: { http: { rate: 10_000, burst: 5_000 }, socket: { rate: 10_000, burst: 5_000 } },
};

export const environments: Readonly<Record<Environment['name'], Environment>> = { dev, staging, prod };

/**
 * The environment that the CDK context asks for: `env` names it; `search=none` leaves the search domain out.
 * @throws Error that says which names there are
 */
export function selectEnvironment(context: (key: string) => unknown): Environment {
  const name = context('env');
  const found = Object.values(environments).find((each) => each.name === name);
  const names = Object.keys(environments).join(', ');
  if (!found) throw new Error(`Name the environment with -c env=…, one of ${names}; got ${String(name ?? 'none')}.`);
  const search = context('search');
  if (search === undefined) return found;
  if (search !== 'none') throw new Error(`-c search=… takes only "none", got ${String(search)}.`);
  return { ...found, search };
}
