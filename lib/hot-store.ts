import { Stack } from 'aws-cdk-lib';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache, CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { Construct } from 'constructs';
import { valkeyEnv } from '../lambdas/platform/valkey-env';
import type { Environment } from './environments';
import type { Network } from './network';
import type { ServiceFunction } from './service-function';

/** Commands of the service's user: data and scripts, and what a cluster client asks on connecting; nothing that administers. */
const accessString = [
  'on ~* &* -@all +@read +@write +@connection +@transaction +@pubsub',
  '+eval +eval_ro +evalsha +evalsha_ro +script|load +script|exists',
  '-@admin -@dangerous',
  '+info +cluster|slots +cluster|shards +cluster|nodes +cluster|info +cluster|myid +cluster|keyslot',
].join(' ');

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
    const guard = new SecurityGroup(this, 'Guard', { vpc: this.network.vpc, allowAllOutbound: false });
    // 6380 is the reader endpoint's port.
    guard.addIngressRule(this.network.functions, Port.tcpRange(6379, 6380), 'Functions that use Valkey');
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
