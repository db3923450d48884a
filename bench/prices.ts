import { environments } from '../lib/environments';

/** Prices that everything here is reckoned with: one list, of one day, in one region. */
export const priceList = { region: 'us-east-1', date: '2026-11-21' } as const;

export interface Price {
  /** US dollars for one unit. */
  dollars: number;
  /** What one unit is. */
  unit: string;
  /** Title of AWS's page. `seen` ones were met in a stored copy of it or of a later price table; others are list prices as known in 2025. */
  source: string;
  seen?: true;
}

const million = 1e-6;
const gateway = 'Amazon API Gateway pricing';
const lambda = 'AWS Lambda Pricing';
const kinesis = 'Amazon Kinesis Data Streams pricing';
const dynamo = 'Pricing for On-Demand Capacity, Amazon DynamoDB';
const capacity = 'Pricing for Provisioned Capacity, Amazon DynamoDB';
const cache = 'Amazon ElastiCache pricing';
const vpc = 'Amazon VPC pricing';
const watch = 'Amazon CloudWatch Pricing';
const link = 'AWS PrivateLink pricing';
const search = 'Amazon OpenSearch Service pricing';

/** First tier, no free tier, no discounts, no tax: what another million costs a small account. A GB is 2³⁰ bytes. */
export const prices = {
  httpRequests: { dollars: million, unit: 'HTTP API request of 512 KB', source: gateway, seen: true },
  socketMessages: { dollars: million, unit: 'WebSocket message of 32 KB', source: gateway, seen: true },
  connectionMinutes: { dollars: 0.25 * million, unit: 'minute of a WebSocket', source: gateway },
  invocations: { dollars: 0.2 * million, unit: 'invocation', source: lambda, seen: true },
  gbSeconds: { dollars: 0.0000133334, unit: 'GB-second on arm64', source: lambda, seen: true },
  shardHours: { dollars: 0.015, unit: 'hour of a provisioned shard', source: kinesis, seen: true },
  payloadUnits: {
    dollars: 0.014 * million,
    unit: 'PUT payload unit of 25 KB, provisioned',
    source: kinesis,
    seen: true,
  },
  consumerShardHours: { dollars: 0.015, unit: 'hour of a shard for a fan-out consumer', source: kinesis, seen: true },
  fanOutGb: { dollars: 0.013, unit: 'GB to a fan-out consumer, provisioned', source: kinesis, seen: true },
  streamHours: { dollars: 0.04, unit: 'hour of an on-demand stream', source: kinesis },
  streamGbIn: { dollars: 0.08, unit: 'GB put on demand, records in whole KB', source: kinesis },
  streamGbOut: { dollars: 0.04, unit: 'GB read on demand', source: kinesis },
  onDemandFanOutGb: { dollars: 0.05, unit: 'GB to a fan-out consumer on demand', source: kinesis },
  writeUnits: { dollars: 0.625 * million, unit: 'write request unit of 1 KB', source: dynamo, seen: true },
  readUnits: { dollars: 0.125 * million, unit: 'read request unit of 4 KB', source: dynamo, seen: true },
  writeCapacityHours: { dollars: 0.00065, unit: 'hour of a write unit a second', source: capacity },
  readCapacityHours: { dollars: 0.00013, unit: 'hour of a read unit a second', source: capacity },
  tableGbMonths: { dollars: 0.25, unit: 'GB-month of a table', source: dynamo, seen: true },
  recoveryGbMonths: { dollars: 0.2, unit: 'GB-month of point-in-time recovery', source: dynamo },
  cacheUnits: { dollars: 0.0023 * million, unit: 'ECPU, Valkey', source: cache, seen: true },
  cacheGbHours: { dollars: 0.084, unit: 'GB-hour, Valkey, at least 100 MB', source: cache, seen: true },
  objectWrites: { dollars: 5 * million, unit: 'PUT, COPY, POST or LIST', source: 'Amazon S3 pricing' },
  objectReads: { dollars: 0.4 * million, unit: 'GET or other request', source: 'Amazon S3 pricing' },
  natHours: { dollars: 0.045, unit: 'hour of a NAT gateway', source: vpc, seen: true },
  natGb: { dollars: 0.045, unit: 'GB through a NAT gateway', source: vpc, seen: true },
  addressHours: { dollars: 0.005, unit: 'hour of a public IPv4 address', source: vpc, seen: true },
  endpointHours: { dollars: 0.01, unit: 'hour of an interface endpoint in a zone', source: link, seen: true },
  endpointGb: { dollars: 0.01, unit: 'GB through an interface endpoint', source: link, seen: true },
  diskGbMonths: { dollars: 0.08, unit: 'GB-month of gp3', source: 'Amazon EBS pricing' },
  searchDiskGbMonths: { dollars: 0.122, unit: 'GB-month of gp3 in a search domain', source: search },
  logGb: { dollars: 0.5, unit: 'GB of log events', source: watch, seen: true },
  logGbMonths: { dollars: 0.03, unit: 'GB-month of kept logs', source: watch },
  metricMonths: { dollars: 0.3, unit: 'month of a custom metric', source: watch, seen: true },
  alarmMonths: { dollars: 0.1, unit: 'month of an alarm', source: watch, seen: true },
  dashboardMonths: { dollars: 3, unit: 'month of a dashboard', source: watch, seen: true },
  keyMonths: { dollars: 1, unit: 'month of a customer key', source: 'AWS Key Management Service pricing' },
  secretMonths: { dollars: 0.4, unit: 'month of a secret', source: 'AWS Secrets Manager Pricing' },
  outGb: {
    dollars: 0.09,
    unit: 'GB to the internet',
    source: 'Amazon EC2 On-Demand Pricing, Data Transfer',
    seen: true,
  },
  trackerPositions: {
    dollars: 50 * million,
    unit: 'position written to a tracker',
    source: 'Amazon Location Service pricing',
  },
} as const satisfies Record<string, Price>;

export type Unit = keyof typeof prices;

/** US dollars an hour of instances. */
export const instanceHours: Readonly<Record<string, number>> = {
  't4g.nano': 0.0042,
  't4g.micro': 0.0084,
  't3.small.search': 0.036,
  't3.medium.search': 0.073,
  'm6g.large.search': 0.128,
  'r6g.large.search': 0.167,
  'r6g.xlarge.search': 0.335,
  'r6g.2xlarge.search': 0.669,
};

/** Amounts by unit. */
export type Bill = Partial<Record<Unit, number>>;

export const dollarsOf = (bill: Bill): number =>
  parts(bill).reduce((sum, [unit, amount]) => sum + amount * prices[unit].dollars, 0);

/** A bill's units that are not zero, in the order of the price list. */
export function parts(bill: Bill): [unit: Unit, amount: number][] {
  return (Object.keys(prices) as Unit[]).flatMap((unit) =>
    bill[unit] ? [[unit, bill[unit] ?? 0] as [Unit, number]] : [],
  );
}

export function add(bills: readonly Bill[]): Bill {
  const sum: Bill = {};
  for (const [unit, amount] of bills.flatMap(parts)) sum[unit] = (sum[unit] ?? 0) + amount;
  return sum;
}

export const scaled = (bill: Bill, by: number): Bill =>
  Object.fromEntries(parts(bill).map(([unit, amount]) => [unit, amount * by]));

/**
 * The same bill with tables as production has them, by a capacity that follows the load: of each unit a second that is
 * paid for, so much is used on average.
 */
export function byCapacity({ writeUnits = 0, readUnits = 0, ...bill }: Bill): Bill {
  const { tables } = environments.prod;
  if (tables === 'on-demand') return add([bill, { writeUnits, readUnits }]);
  const { usedPercent } = tables;
  const hours = (units: number) => units / 3_600 / (usedPercent / 100);
  return add([bill, { writeCapacityHours: hours(writeUnits), readCapacityHours: hours(readUnits) }]);
}
