import { callsOf, grantedTo } from './calls';
import { faultsOfCalls, type Place, peerAt } from './endpoints';
import { lets } from './firewall';
import { Model, type Resource } from './model';
import { isPublic } from './routes';

/** What a function can't reach, or only seems to. */
export interface Finding {
  /** The function's stack and logical id. */
  stack: string;
  function: string;
  /** What it wants to reach: `Valkey`, `kinesis`, `execute-api`, … */
  target: string;
  /** A sentence: who can't reach what, what is missing, and how to mend it. */
  sentence: string;
}

/** The cache's endpoint, and the one for reads from a near zone. Source: ElastiCache Serverless, network ports. */
const cachePorts = { from: 6379, to: 6380 };

/** What a function's role needs to have network interfaces. Source: Lambda, Giving functions access to resources in a VPC. */
const interfaceActions = ['CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces'];

/**
 * Follows every function of some stacks to what it calls: what its policy and its environment name must be reachable
 * from where the function is. It knows subnets, routes, NATs, endpoints, their policies and security groups; it says so
 * where it meets network ACLs, which it does not know.
 * @param templates CloudFormation templates by the names of their stacks; exports are followed between them
 * @returns nothing where everything can be reached
 */
export function unreachable(templates: Readonly<Record<string, unknown>>): Finding[] {
  const model = new Model(templates);
  const functions = model.ofType('AWS::Lambda::Function');
  return functions.flatMap((fn) =>
    faultsOf(model, fn).map(([target, fault]) => ({
      stack: fn.stack,
      function: fn.name,
      target,
      sentence: `${fn.name} can’t reach ${target}: ${fault}.`,
    })),
  );
}

type Fault = [target: string, what: string];

function faultsOf(model: Model, fn: Resource): Fault[] {
  const caches = cachesOf(model, fn);
  if (fn.properties.VpcConfig === undefined) {
    return caches.map(() => ['Valkey', 'it is not in the network of the cache: place it in the private subnets']);
  }
  const place = placeOf(model, fn);
  if (typeof place === 'string') return [['its network', place]];
  return [
    ...placeFaults(model, fn, place).map((fault): Fault => ['its network', fault]),
    ...caches.flatMap((cache) => cacheFaults(model, fn, place, cache)).map((fault): Fault => ['Valkey', fault]),
    ...callsOf(model, fn).flatMap((calls) =>
      faultsOfCalls(model, place, calls).map((fault): Fault => [calls.service, fault]),
    ),
  ];
}

/** The caches that a function may sign in to, or is told the address of. */
function cachesOf(model: Model, fn: Resource): Resource[] {
  const granted = signsInTo(model, fn);
  const told = model.references(fn, fn.properties.Environment).map(({ id }) => id);
  return model.ofType('AWS::ElastiCache::ServerlessCache').filter(({ id }) => granted.has(id) || told.includes(id));
}

/** Ids of the caches that a function's role lets it sign in to. */
function signsInTo(model: Model, fn: Resource): Set<string> {
  const granted = grantedTo(model, fn).filter(({ action }) => action === 'elasticache:Connect');
  return new Set(granted.flatMap(({ resource }) => /^<(.+)\.(?:ARN|Arn)>$/.exec(resource)?.[1] ?? []));
}

/** @returns where the function is, or what its place lacks */
function placeOf(model: Model, fn: Resource): Place | string {
  const config: Record<string, unknown> = { ...Object(fn.properties.VpcConfig) };
  const subnets = model.targets(fn, config.SubnetIds);
  const groups = model.targets(fn, config.SecurityGroupIds);
  const [network, another] = [...new Set(subnets.map((subnet) => model.target(subnet, subnet.properties.VpcId)))];
  if (!network || another) return 'its subnets are not of one network: name subnets of one';
  if (groups.length === 0) return 'it wears no security group: give it the one for functions';
  return { network, subnets, groups };
}

function placeFaults(model: Model, fn: Resource, { subnets }: Place): string[] {
  const open = subnets.filter((subnet) => isPublic(model, subnet));
  const faults = open.map(({ name }) => `${name} is public, and functions have no public address: use a private one`);
  const actions = new Set(grantedTo(model, fn).map(({ action }) => action));
  const missing = interfaceActions.filter((action) => !actions.has(`ec2:${action}`) && !actions.has('ec2:*'));
  if (missing.length > 0 && !hasManagedPolicy(model, fn)) {
    faults.push(`its role may not have network interfaces: allow ec2:${missing.join(', ec2:')}`);
  }
  if (model.ofType('AWS::EC2::NetworkAcl').length > 0) {
    faults.push('a network ACL may be in the way, which this check can’t tell: do without, or teach it');
  }
  return faults;
}

const hasManagedPolicy = (model: Model, fn: Resource): boolean =>
  JSON.stringify(model.target(fn, fn.properties.Role)?.properties.ManagedPolicyArns ?? '').includes(
    'AWSLambdaVPCAccessExecutionRole',
  );

function cacheFaults(model: Model, fn: Resource, place: Place, cache: Resource): string[] {
  const subnets = model.targets(cache, cache.properties.SubnetIds);
  const groups = model.targets(cache, cache.properties.SecurityGroupIds);
  const faults: string[] = [];
  if (!signsInTo(model, fn).has(cache.id)) {
    faults.push(`it is told where ${cache.name} is and may not sign in: allow elasticache:Connect`);
  }
  if (subnets.some((subnet) => model.target(subnet, subnet.properties.VpcId)?.id !== place.network.id)) {
    return [...faults, `${cache.name} is in another network: give the two subnets of one network`];
  }
  if (!lets(model, place.groups, 'out', cachePorts, peerAt(model, groups, subnets))) {
    faults.push(`its security group lets nothing out to ${cache.name}: allow ports 6379–6380`);
  }
  if (!lets(model, groups, 'in', cachePorts, peerAt(model, place.groups, place.subnets))) {
    faults.push(`${cache.name} does not let it in: allow ports 6379–6380 from its security group`);
  }
  return faults;
}
