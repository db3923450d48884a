import { waystream } from '../../lib/app';
import { unreachable } from '../../lib/reachability';
import { ServiceFunction } from '../../lib/service-function';
import { newApp } from './make';
import { type EnvironmentName, environmentNames, synthesize } from './synthesize';

interface Editable {
  Type: string;
  Properties: Record<string, unknown>;
}
type Resources = Record<string, Editable>;

/** The templates of an environment, made anew, so that a test can spoil them. */
function templates(env: EnvironmentName, context: Record<string, string> = {}) {
  const { text } = synthesize(env, context);
  const parsed: Record<'Data' | 'Service', { Resources: Resources }> = {
    Data: JSON.parse(text.Data),
    Service: JSON.parse(text.Service),
  };
  return parsed;
}

/** The resources of a type whose ids begin so; at least one. */
function some(from: Resources, type: string, prefix = ''): [id: string, properties: Record<string, unknown>][] {
  const found = Object.entries(from).filter(([id, { Type }]) => Type === type && id.startsWith(prefix));
  if (found.length === 0) throw new Error(`no ${type} ${prefix}`);
  return found.map(([id, { Properties }]) => [id, Properties]);
}

function set(from: Resources, type: string, prefix: string, values: Record<string, unknown>): void {
  for (const [, properties] of some(from, type, prefix)) Object.assign(properties, values);
}

function remove(from: Resources, type: string, prefix = ''): void {
  for (const [id] of some(from, type, prefix)) delete from[id];
}

const sentences = (spoiled: Record<string, unknown>) => unreachable(spoiled).map(({ sentence }) => sentence);

describe.each(environmentNames)('in %s', (env) => {
  test('every function reaches what it calls', () => {
    expect(sentences(templates(env))).toEqual([]);
  });
});

test('without a search domain every function reaches what it calls', () => {
  expect(sentences(templates('dev', { search: 'none' }))).toEqual([]);
});

const group = 'AWS::EC2::SecurityGroup';
const endpoint = 'AWS::EC2::VPCEndpoint';
const fn = 'AWS::Lambda::Function';
const nobody = { CidrIp: '192.0.2.0/24', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
const policy = (Action: string, Resource = '*', Effect = 'Allow') => ({
  PolicyDocument: { Statement: [{ Effect, Action, Resource, Principal: { AWS: '*' } }] },
});

/** Takes an action away from a role's policy. */
function revoke(from: Resources, role: string, action: string): void {
  for (const [id, properties] of some(from, 'AWS::IAM::Policy', role)) {
    const text = JSON.stringify(properties).replace(`"${action}"`, '"logs:PutLogEvents"');
    from[id] = { Type: 'AWS::IAM::Policy', Properties: JSON.parse(text) };
  }
}

/** Another network, with one subnet. */
function addNetwork(data: Resources): void {
  data.Elsewhere = { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.9.0.0/16' } };
  const Properties = { VpcId: { Ref: 'Elsewhere' }, CidrBlock: '10.9.0.0/20' };
  data.ElsewhereSubnet = { Type: 'AWS::EC2::Subnet', Properties };
}

interface Wrong {
  how: string;
  env?: EnvironmentName;
  spoil: (data: Resources, service: Resources) => void;
  /** The sentence that says so. */
  says: RegExp;
}

const wrongs: Wrong[] = [
  {
    how: 'a function granted Valkey is outside its network',
    spoil: (_, service) => set(service, fn, 'LatestOnNearby', { VpcConfig: undefined }),
    says: /^LatestOnNearby\w+ can’t reach Valkey: it is not in the network of the cache: place it in the private/,
  },
  {
    how: 'a function is told where the cache is and not granted it',
    spoil: (_, service) => revoke(service, 'LatestOnNearby', 'elasticache:Connect'),
    says: /^LatestOnNearby\w+ can’t reach Valkey: it is told where HotCache\w+ is and may not sign in: allow elast/,
  },
  {
    how: 'functions may not have network interfaces',
    spoil: (_, service) => revoke(service, 'LatestOnNearby', 'ec2:CreateNetworkInterface'),
    says: /^LatestOnNearby\w+ can’t reach its network: its role may not have network interfaces: allow ec2:CreateN/,
  },
  {
    how: 'a function wears no security group',
    spoil: (_, service) => {
      const [[, properties] = ['', {}]] = some(service, fn, 'LatestOnNearby');
      Object.assign(Object(properties.VpcConfig), { SecurityGroupIds: [] });
    },
    says: /^LatestOnNearby\w+ can’t reach its network: it wears no security group: give it the one for functions/,
  },
  {
    how: 'a function is in a public subnet',
    spoil: (data) =>
      set(data, 'AWS::EC2::SubnetRouteTableAssociation', 'NetworkVpcPrivateSubnet1', {
        RouteTableId: { Ref: some(data, 'AWS::EC2::RouteTable', 'NetworkVpcPublicSubnet1')[0]?.[0] },
      }),
    says: /can’t reach its network: NetworkVpcPrivateSubnet1\w+ is public, and functions have no public address: use/,
  },
  {
    how: 'the subnets of a function are of two networks',
    spoil: (data) => {
      addNetwork(data);
      set(data, 'AWS::EC2::Subnet', 'NetworkVpcPrivateSubnet2', { VpcId: { Ref: 'Elsewhere' } });
    },
    says: /can’t reach its network: its subnets are not of one network: name subnets of one\.$/,
  },
  {
    how: 'the cache is in another network',
    spoil: (data) => {
      addNetwork(data);
      set(data, 'AWS::ElastiCache::ServerlessCache', '', { SubnetIds: [{ Ref: 'ElsewhereSubnet' }] });
    },
    says: /can’t reach Valkey: HotCache\w+ is in another network: give the two subnets of one network/,
  },
  {
    how: 'the functions’ group lets nothing out to the cache',
    spoil: (data) => remove(data, 'AWS::EC2::SecurityGroupEgress', 'NetworkFunctionstoWaystreamdevDataHotGuard'),
    says: /can’t reach Valkey: its security group lets nothing out to HotCache\w+: allow ports 6379–6380/,
  },
  {
    how: 'the cache’s group lets nothing in',
    spoil: (data) => remove(data, 'AWS::EC2::SecurityGroupIngress', 'HotGuard'),
    says: /can’t reach Valkey: HotCache\w+ does not let it in: allow ports 6379–6380 from its security group/,
  },
  {
    how: 'only one of the cache’s ports is open',
    spoil: (data) => set(data, 'AWS::EC2::SecurityGroupIngress', 'HotGuard', { ToPort: 6379 }),
    says: /can’t reach Valkey: HotCache\w+ does not let it in/,
  },
  {
    how: 'the port is open for UDP',
    spoil: (data) => set(data, 'AWS::EC2::SecurityGroupIngress', 'HotGuard', { IpProtocol: 'udp' }),
    says: /can’t reach Valkey: HotCache\w+ does not let it in/,
  },
  {
    how: 'the endpoint of Kinesis lets nothing in',
    spoil: (data) => remove(data, 'AWS::EC2::SecurityGroupIngress', 'NetworkVpcKinesis'),
    says: /^Ingest\w+ can’t reach kinesis: NetworkVpcKinesis\w+ does not let it in: allow port 443 from its security/,
  },
  {
    how: 'the endpoint of Kinesis is for another stream',
    spoil: (data) => set(data, endpoint, 'NetworkVpcKinesis', policy('kinesis:PutRecords', 'arn:aws:kinesis:::other')),
    says: /^Ingest\w+ can’t reach kinesis: the policy of NetworkVpcKinesis\w+ does not allow kinesis:PutRecords on <Dat/,
  },
  {
    how: 'the endpoint of Kinesis is for other actions',
    spoil: (data) => set(data, endpoint, 'NetworkVpcKinesis', policy('kinesis:Get*')),
    says: /^Ingest\w+ can’t reach kinesis: the policy of NetworkVpcKinesis\w+ does not allow kinesis:PutRecords on/,
  },
  {
    how: 'the endpoint of Kinesis is not in both zones',
    spoil: (data) => {
      const [[, properties] = ['', {}]] = some(data, endpoint, 'NetworkVpcKinesis');
      Object.assign(properties, { SubnetIds: [properties.SubnetIds].flat().slice(0, 1) });
    },
    says: /^Ingest\w+ can’t reach kinesis: NetworkVpcKinesis\w+ has no interface in NetworkVpcPrivateSubnet2\w+, and fails/,
  },
  {
    how: 'Kinesis has an endpoint without private names, and there is no other way out',
    spoil: (data) => {
      set(data, endpoint, 'NetworkVpcKinesis', { PrivateDnsEnabled: false });
      remove(data, 'AWS::EC2::Route', 'NetworkVpcPrivateSubnet1');
    },
    says: /^Ingest\w+ can’t reach kinesis: there is no endpoint for it, and NetworkVpcPrivateSubnet1\w+ has no route to 0/,
  },
  {
    how: 'DynamoDB’s endpoint is not on the private routes, and there is no other way out',
    spoil: (data) => {
      set(data, endpoint, 'NetworkVpcDynamoDb', { RouteTableIds: [] });
      remove(data, 'AWS::EC2::Route', 'NetworkVpcPrivateSubnet');
    },
    says: /^TracksOnRead\w+ can’t reach dynamodb: there is no endpoint for it, and NetworkVpcPrivateSubnet1\w+ has no/,
  },
  {
    how: 'DynamoDB’s endpoint is on one of the private routes, and there is no other way out',
    spoil: (data) => {
      const [table] = some(data, 'AWS::EC2::RouteTable', 'NetworkVpcPrivateSubnet1');
      set(data, endpoint, 'NetworkVpcDynamoDb', { RouteTableIds: [{ Ref: table?.[0] }] });
      remove(data, 'AWS::EC2::Route', 'NetworkVpcPrivateSubnet2');
    },
    says: /^TracksOnRead\w+ can’t reach dynamodb: not all of it has an endpoint, and NetworkVpcPrivateSubnet2\w+ has no/,
  },
  {
    how: 'the policy of DynamoDB’s endpoint denies',
    spoil: (data) => set(data, endpoint, 'NetworkVpcDynamoDb', policy('*', '*', 'Deny')),
    says: /^TracksOnRead\w+ can’t reach dynamodb: the policy of NetworkVpcDynamoDb\w+ does not allow dynamodb:Query on/,
  },
  {
    how: 'an endpoint takes the names of all APIs',
    spoil: (data) => {
      const Properties = {
        VpcId: { Ref: some(data, 'AWS::EC2::VPC', 'NetworkVpc')[0]?.[0] },
        VpcEndpointType: 'Interface',
        PrivateDnsEnabled: true,
        ServiceName: 'com.amazonaws.eu-central-1.execute-api',
      };
      data.Apis = { Type: endpoint, Properties };
    },
    says: /^Live\w+ can’t reach execute-api: Apis takes the names of all APIs, and knows private ones only: turn its/,
  },
  {
    how: 'there is no route out',
    spoil: (data) => remove(data, 'AWS::EC2::Route', 'NetworkVpcPrivateSubnet1'),
    says: /^Live\w+ can’t reach execute-api: there is no endpoint for it, and NetworkVpcPrivateSubnet1\w+ has no route to/,
  },
  {
    how: 'the route out leads to nothing that translates addresses',
    spoil: (data) => set(data, 'AWS::EC2::Route', 'NetworkVpcPrivateSubnet1', { InstanceId: 'i-1' }),
    says: /execute-api: .*the route of NetworkVpcPrivateSubnet1\w+ to 0\.0\.0\.0\/0 leads to nothing that translates/,
  },
  {
    how: 'the functions’ group lets nothing out',
    spoil: (data) => set(data, group, 'NetworkFunctions', { SecurityGroupEgress: [nobody] }),
    says: /^Live\w+ can’t reach execute-api: its security group lets nothing out: allow port 443 to 0\.0\.0\.0\/0/,
  },
  {
    how: 'the NAT instance drops what is not addressed to it',
    spoil: (data) => set(data, 'AWS::EC2::Instance', '', { SourceDestCheck: true }),
    says: /execute-api: .*NatInstance\w+ drops what is not addressed to it: set its SourceDestCheck to false/,
  },
  {
    how: 'the NAT instance lets nothing in',
    spoil: (data) => set(data, group, 'NetworkVpcNat', { SecurityGroupIngress: [nobody] }),
    says: /execute-api: .*NatInstance\w+ lets nothing in from NetworkVpcPrivateSubnet1\w+ \(10\.0\.\d+\.0\/20\): allow/,
  },
  {
    how: 'the NAT instance lets nothing out',
    spoil: (data) => set(data, group, 'NetworkVpcNat', { SecurityGroupEgress: [nobody] }),
    says: /execute-api: .*NatInstance\w+ lets nothing out: allow port 443 to 0\.0\.0\.0\/0/,
  },
  {
    how: 'the NAT instance has no public address',
    spoil: (data) => {
      const [[, { NetworkInterfaces }] = ['', {}]] = some(data, 'AWS::EC2::Instance');
      Object.assign(Object([NetworkInterfaces].flat()[0]), { AssociatePublicIpAddress: false });
    },
    says: /execute-api: .*NatInstance\w+ has no public address: associate one with its network interface/,
  },
  {
    how: 'the NAT stands where there is no internet gateway',
    spoil: (data) => remove(data, 'AWS::EC2::Route', 'NetworkVpcPublicSubnet1'),
    says: /execute-api: .*NatInstance\w+ stands in NetworkVpcPublicSubnet1\w+, which has no route to an internet gateway/,
  },
  {
    how: 'the internet gateway is not attached',
    spoil: (data) => remove(data, 'AWS::EC2::VPCGatewayAttachment'),
    says: /execute-api: .*NetworkVpcIGW\w+ is not attached to the network of NetworkVpcPublicSubnet1NatInstance\w+: att/,
  },
  {
    how: 'a NAT gateway has no public address',
    env: 'prod',
    spoil: (data) => set(data, 'AWS::EC2::NatGateway', 'NetworkVpcPublicSubnet2', { ConnectivityType: 'private' }),
    says: /execute-api: .*NetworkVpcPublicSubnet2NATGateway\w+ has no public address: give it an Elastic IP/,
  },
  {
    how: 'a NAT gateway stands in a private subnet',
    env: 'staging',
    spoil: (data) => {
      const [subnet] = some(data, 'AWS::EC2::Subnet', 'NetworkVpcPrivateSubnet1');
      set(data, 'AWS::EC2::NatGateway', '', { SubnetId: { Ref: subnet?.[0] } });
    },
    says: /execute-api: .*NATGateway\w+ stands in NetworkVpcPrivateSubnet1\w+, which has no route to an internet gateway/,
  },
  {
    how: 'there is a network ACL',
    spoil: (data) => {
      data.Acl = { Type: 'AWS::EC2::NetworkAcl', Properties: {} };
    },
    says: /can’t reach its network: a network ACL may be in the way, which this check can’t tell/,
  },
];

describe('it is said, and how to mend it, where', () => {
  test.each(wrongs)('$how', ({ env = 'dev', spoil, says }) => {
    const spoiled = templates(env);
    spoil(spoiled.Data.Resources, spoiled.Service.Resources);
    const found = sentences(spoiled);
    expect(found).toContainEqual(expect.stringMatching(says));
  });
});

test('a function that can’t reach what it calls stops synthesis', () => {
  const app = newApp({ env: 'dev' });
  const { service } = waystream(app);
  const functions = service.node.findAll().filter((each) => each instanceof ServiceFunction);
  const nearby = functions.find(({ entry }) => entry === 'latest/on-nearby');
  nearby?.template.addPropertyDeletionOverride('VpcConfig');
  expect(() => app.synth()).toThrow(/LatestOnNearby\w+ can’t reach Valkey: it is not in the network of the cache/);
});
