import { z } from 'zod';
import { dollarsOf, instanceHours } from '../prices';

/** A resource of a synthesized template, as far as its price goes. */
export interface Declared {
  Type: string;
  Properties: Record<string, unknown>;
}

/** What one kind of resource costs a day while nobody reports and nobody watches. */
export interface IdleCost {
  what: string;
  count: number;
  /** US dollars a day */
  dollars: number;
}

const HOURS = 24;
const MONTH_DAYS = 30;

/** A month's amount, for a day. */
const daily = (months: number): number => months / MONTH_DAYS;

/** Gigabytes of the disk that a small Linux instance starts from. Source: Amazon Linux 2023's image. */
const ROOT_DISK_GB = 8;

/** The least that a Valkey cache is metered for. Source: "Amazon ElastiCache pricing", serverless. */
const LEAST_CACHE_GB = 0.1;

/**
 * A run of the sweep with nothing to flush: it looks for ten seconds whether clients are left over and for two more
 * that nobody relied on it (`lambdas/live/delivery.ts`), fifty times a second with three commands.
 */
const SWEEP = { seconds: 12, commands: 12 * 50 * 3 } as const;

const text = z.string();
const number = z.coerce.number();

/** @throws Error for an instance that the price list does not have */
function instance(type: unknown): number {
  const name = text.parse(type);
  const hourly = instanceHours[name];
  if (hourly === undefined) throw new Error(`bench/prices.ts has no price for ${name}`);
  return hourly * HOURS;
}

const cluster = z.object({
  InstanceType: text,
  InstanceCount: number,
  DedicatedMasterEnabled: z.boolean().default(false),
  DedicatedMasterType: text.optional(),
  DedicatedMasterCount: number.default(0),
});
const streamSchema = z.object({
  ShardCount: number.optional(),
  StreamModeDetails: z.object({ StreamMode: text }).optional(),
});

function searchDomain({ ClusterConfig, EBSOptions }: Declared['Properties']): number {
  const size = cluster.parse(ClusterConfig);
  const { VolumeSize } = z.object({ VolumeSize: number }).parse(EBSOptions);
  const masters = size.DedicatedMasterEnabled ? size.DedicatedMasterCount * instance(size.DedicatedMasterType) : 0;
  const disks = dollarsOf({ searchDiskGbMonths: daily(VolumeSize * size.InstanceCount) });
  return size.InstanceCount * instance(size.InstanceType) + masters + disks;
}

function natInstance({ InstanceType, NetworkInterfaces }: Declared['Properties']): number {
  const [first] = z
    .array(z.looseObject({ AssociatePublicIpAddress: z.boolean().default(false) }))
    .parse(NetworkInterfaces);
  const address = first?.AssociatePublicIpAddress ? HOURS : 0;
  return instance(InstanceType) + dollarsOf({ addressHours: address, diskGbMonths: daily(ROOT_DISK_GB) });
}

function endpoint({ VpcEndpointType, SubnetIds }: Declared['Properties']): number {
  if (VpcEndpointType !== 'Interface') return 0;
  return dollarsOf({ endpointHours: HOURS * z.array(z.unknown()).parse(SubnetIds).length });
}

/** Shards of a provisioned stream; none on demand, where a consumer costs by what it reads alone. */
function shardsOf(resources: readonly Declared[]): number {
  const streams = resources.filter(({ Type }) => Type === 'AWS::Kinesis::Stream');
  return streams.reduce((sum, { Properties }) => {
    const { ShardCount = 0, StreamModeDetails } = streamSchema.parse(Properties);
    return sum + (StreamModeDetails?.StreamMode === 'ON_DEMAND' ? 0 : ShardCount);
  }, 0);
}

/** A rule's function runs once a minute, whatever happens; a rule for events waits for them. @throws Error for a rule of another pace */
function everyMinute(
  { ScheduleExpression, EventPattern }: Declared['Properties'],
  resources: readonly Declared[],
): number {
  if (EventPattern !== undefined) return 0;
  if (ScheduleExpression !== 'rate(1 minute)')
    throw new Error(`no price for a schedule of ${String(ScheduleExpression)}`);
  const sweep = resources.find(({ Properties }) => /Sweeps out/.test(String(Properties.Description)));
  const runs = 24 * 60;
  const gbSeconds = (runs * SWEEP.seconds * number.parse(sweep?.Properties.MemorySize)) / 1024;
  return dollarsOf({ invocations: runs, gbSeconds, cacheUnits: runs * SWEEP.commands });
}

const capacitySchema = z.object({ ReadCapacityUnits: number, WriteCapacityUnits: number });

/** The least that a table's capacity goes down to. */
function tableCapacity({ ProvisionedThroughput }: Declared['Properties']): number {
  if (ProvisionedThroughput === undefined) return 0;
  const { ReadCapacityUnits: reads, WriteCapacityUnits: writes } = capacitySchema.parse(ProvisionedThroughput);
  return dollarsOf({ writeCapacityHours: writes * HOURS, readCapacityHours: reads * HOURS });
}

/** Alarms that a policy on a table's capacity sets: of what is used, and of what is there, above and below. */
const SCALING_ALARMS = 4;

type Pricing = [what: string, daily: (properties: Declared['Properties'], all: readonly Declared[]) => number];

const priced: Readonly<Record<string, Pricing>> = {
  'AWS::EC2::Instance': ['NAT instance, its disk and address', natInstance],
  'AWS::EC2::NatGateway': ['NAT gateway', () => dollarsOf({ natHours: HOURS })],
  'AWS::EC2::EIP': ['public address', () => dollarsOf({ addressHours: HOURS })],
  'AWS::EC2::VPCEndpoint': ['endpoint of Kinesis, each zone', endpoint],
  'AWS::Kinesis::Stream': [
    'stream',
    (properties, all) => {
      const onDemand = streamSchema.parse(properties).StreamModeDetails?.StreamMode === 'ON_DEMAND';
      return dollarsOf(onDemand ? { streamHours: HOURS } : { shardHours: HOURS * shardsOf(all) });
    },
  ],
  'AWS::Kinesis::StreamConsumer': [
    'fan-out consumer',
    (_, all) => dollarsOf({ consumerShardHours: HOURS * shardsOf(all) }),
  ],
  'AWS::ElastiCache::ServerlessCache': ['Valkey, 100 MB', () => dollarsOf({ cacheGbHours: HOURS * LEAST_CACHE_GB })],
  'AWS::DynamoDB::Table': ['capacity of tables', tableCapacity],
  'AWS::ApplicationAutoScaling::ScalingPolicy': [
    'alarms of the capacity',
    () => dollarsOf({ alarmMonths: daily(SCALING_ALARMS) }),
  ],
  'AWS::OpenSearchService::Domain': ['search domain', searchDomain],
  'AWS::Events::Rule': ['sweep, each minute', everyMinute],
  'AWS::CloudWatch::Alarm': ['alarms', () => dollarsOf({ alarmMonths: daily(1) })],
  'AWS::CloudWatch::Dashboard': ['dashboard', () => dollarsOf({ dashboardMonths: daily(1) })],
  'AWS::KMS::Key': ['customer key', () => dollarsOf({ keyMonths: daily(1) })],
  'AWS::SecretsManager::Secret': ['secret', () => dollarsOf({ secretMonths: daily(1) })],
};

/** Types that cost nothing until they are used; whatever is in neither list is an error, so that none is forgotten. */
const freeUntilUsed =
  /^(Custom::|AWS::(ApiGateway|ApiGatewayV2|CDK|CloudFront|Cognito|IAM|Lambda|Logs|S3|SNS|SSM)::|AWS::ApplicationAutoScaling::ScalableTarget$|AWS::CloudFormation::|AWS::EC2::(VPC|Subnet|RouteTable|SubnetRouteTableAssociation|Route|InternetGateway|VPCGatewayAttachment|SecurityGroup|SecurityGroupIngress|SecurityGroupEgress|FlowLog)$|AWS::ElastiCache::(User|UserGroup)$)/;

/**
 * What an environment costs a day while nothing happens: list prices, no free tier.
 * @param resources all of its templates'
 * @throws Error for a type of resource, or an instance, that it knows no price for
 */
export function idleCosts(resources: readonly Declared[]): IdleCost[] {
  const costs = new Map<string, IdleCost>();
  for (const { Type, Properties } of resources) {
    const pricing = priced[Type];
    if (!pricing) {
      if (freeUntilUsed.test(Type)) continue;
      throw new Error(`What does an idle ${Type} cost? Enter it in bench/cost/idle.ts.`);
    }
    const [what, of] = pricing;
    const dollars = of(Properties, resources);
    if (dollars === 0) continue;
    const known = costs.get(what) ?? { what, count: 0, dollars: 0 };
    costs.set(what, { what, count: known.count + 1, dollars: known.dollars + dollars });
  }
  return [...costs.values()].sort((a, b) => b.dollars - a.dollars);
}

export const idleTotal = (resources: readonly Declared[]): number =>
  idleCosts(resources).reduce((sum, { dollars }) => sum + dollars, 0);
