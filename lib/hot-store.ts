import { type Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache, CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { Construct } from 'constructs';
import { valkeyEnv } from '../lambdas/platform/valkey-env';
import type { Environment } from './environments';
import type { Network } from './network';
import type { ServiceFunction } from './service-function';

/** The service's user reads and writes data, and runs scripts; it administers nothing and empties nothing. */
const accessString = 'on ~* -@all +@read +@write +@connection +evalsha +script|load -@admin -@dangerous';

/** The cache's endpoint, and the one for reads from a near zone. */
const port = Port.tcpRange(6379, 6380);

/** Latest positions, tails, nearby cells and subscriptions: Valkey, serverless, over TLS, signed in by IAM. */
export class HotStore extends Construct {
  private readonly network: Network;
  private readonly cache: CfnServerlessCache;
  private readonly user: CfnUser;

  constructor(scope: Construct, id: string, props: { environment: Environment; network: Network }) {
    super(scope, id);
    this.network = props.network;
    this.user = this.addUser();
    this.cache = this.addCache(props.environment);
  }

  /** Puts the function in the network, lets it sign in, and tells it where. */
  grantUse(fn: ServiceFunction): void {
    fn.join(this.network);
    fn.allow(['elasticache:Connect'], this.cache.attrArn, this.user.attrArn);
    fn.setEnvironment(valkeyEnv, {
      VALKEY_URL: `rediss://${this.cache.attrEndpointAddress}:${this.cache.attrEndpointPort}`,
      VALKEY_USER: this.user.ref,
      VALKEY_CACHE: this.cache.ref,
    });
  }

  /** Commands turned away because the cache was at its limits, or growing slower than its load. */
  metricThrottled(period: Duration): Metric {
    const dimensionsMap = { clusterId: this.cache.ref };
    return new Metric({
      namespace: 'AWS/ElastiCache',
      metricName: 'ThrottledCmds',
      dimensionsMap,
      period,
      statistic: 'Sum',
    });
  }

  /** A user that signs in by IAM has one name for its id and its name, in lower case. */
  private addUser(): CfnUser {
    const name = shortName(this, 'service');
    return new CfnUser(this, 'User', {
      engine: 'valkey',
      userId: name,
      userName: name,
      authenticationMode: { Type: 'iam' },
      accessString,
    });
  }

  private addCache(environment: Environment): CfnServerlessCache {
    const group = new CfnUserGroup(this, 'Users', {
      engine: 'valkey',
      userGroupId: shortName(this, 'users'),
      userIds: [this.user.ref],
    });
    const guard = new SecurityGroup(this, 'Guard', {
      vpc: this.network.vpc,
      description: 'The Valkey cache',
      allowAllOutbound: false,
    });
    this.network.functions.connections.allowTo(guard, port, 'Functions that use Valkey');
    const { maxGigabytes, maxUnitsPerSecond } = environment.valkey;
    return new CfnServerlessCache(this, 'Cache', {
      engine: 'valkey',
      majorEngineVersion: '8',
      serverlessCacheName: shortName(this, 'hot'),
      description: 'Latest positions, tails, nearby cells and subscriptions',
      userGroupId: group.ref,
      securityGroupIds: [guard.securityGroupId],
      subnetIds: this.network.vpc.privateSubnets.map((subnet) => subnet.subnetId),
      cacheUsageLimits: {
        dataStorage: { unit: 'GB', maximum: maxGigabytes },
        ecpuPerSecond: { maximum: maxUnitsPerSecond },
      },
    });
  }
}

/** ElastiCache makes no names by itself: this one is the stack's, lower case, at most 40 characters. */
function shortName(scope: Construct, suffix: string): string {
  return `${Stack.of(scope).stackName}-${suffix}`.toLowerCase();
}
