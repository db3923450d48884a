import { type Calls, statementsOf } from './calls';
import { anywhere, blockOf, https, lets, type Peer } from './firewall';
import { list, type Model, type Resource } from './model';
import { noWayOut, tableOf } from './routes';

/** Where a function's network interfaces are. */
export interface Place {
  network: Resource;
  subnets: readonly Resource[];
  groups: readonly Resource[];
}

/** Endpoints whose names are not the prefix of their actions. Source: AWS services that integrate with AWS PrivateLink. */
const endpointNames: Readonly<Record<string, string>> = { kinesis: 'kinesis-streams' };

export const peerAt = (model: Model, groups: readonly Resource[], subnets: readonly Resource[]): Peer => ({
  groups,
  blocks: subnets.flatMap((subnet) => blockOf(model, subnet, subnet.properties.CidrBlock) ?? []),
});

/**
 * Why calls from a place don't arrive, and what would mend it; nothing where they do. An endpoint that takes them takes
 * them whether it lets them through or not: the way out is no help then.
 */
export function faultsOfCalls(model: Model, place: Place, calls: Calls): string[] {
  const endpoint = endpointOf(model, place.network, calls.service);
  if (endpoint?.properties.VpcEndpointType === 'Interface' && endpoint.properties.PrivateDnsEnabled === true) {
    return calls.service === 'execute-api'
      ? [`${endpoint.name} takes the names of all APIs, and knows private ones only: turn its private DNS off`]
      : interfaceFaults(model, place, endpoint, calls);
  }
  const served = endpoint?.properties.VpcEndpointType === 'Interface' ? [] : servedBy(model, place, endpoint);
  const rest = place.subnets.filter((subnet) => !served.includes(subnet));
  const refused = served.length > 0 && endpoint ? policyFaults(model, endpoint, calls) : [];
  return [...refused, ...wayOutFaults(model, { ...place, subnets: rest }, place.subnets.length)];
}

function endpointOf(model: Model, network: Resource, service: string): Resource | undefined {
  const name = endpointNames[service] ?? service;
  return model
    .ofType('AWS::EC2::VPCEndpoint')
    .filter((endpoint) => model.target(endpoint, endpoint.properties.VpcId)?.id === network.id)
    .find((endpoint) => model.text(endpoint, endpoint.properties.ServiceName).endsWith(`.${name}`));
}

/** The subnets whose route tables lead to a gateway endpoint. */
function servedBy(model: Model, { subnets }: Place, endpoint: Resource | undefined): Resource[] {
  if (!endpoint) return [];
  const tables = model.targets(endpoint, endpoint.properties.RouteTableIds).map(({ id }) => id);
  return subnets.filter((subnet) => tables.includes(tableOf(model, subnet)?.id ?? ''));
}

function interfaceFaults(model: Model, place: Place, endpoint: Resource, calls: Calls): string[] {
  const subnets = model.targets(endpoint, endpoint.properties.SubnetIds);
  const groups = model.targets(endpoint, endpoint.properties.SecurityGroupIds);
  const faults = policyFaults(model, endpoint, calls);
  if (!lets(model, place.groups, 'out', https, peerAt(model, groups, subnets))) {
    faults.push(`its security group lets nothing out to ${endpoint.name}: allow port 443`);
  }
  if (!lets(model, groups, 'in', https, peerAt(model, place.groups, place.subnets))) {
    faults.push(`${endpoint.name} does not let it in: allow port 443 from its security group`);
  }
  for (const subnet of place.subnets) {
    if (subnets.includes(subnet)) continue;
    faults.push(`${endpoint.name} has no interface in ${subnet.name}, and fails with another zone: add the subnet`);
  }
  return faults;
}

/** @param all how many subnets there are, beside those that an endpoint serves */
function wayOutFaults(model: Model, { subnets, groups }: Place, all: number): string[] {
  if (!lets(model, groups, 'out', https, anywhere)) {
    return ['its security group lets nothing out: allow port 443 to 0.0.0.0/0'];
  }
  const without = subnets.length === all ? 'there is no endpoint for it, and ' : 'not all of it has an endpoint, and ';
  return subnets.flatMap((subnet) => {
    const fault = noWayOut(model, subnet);
    return fault === undefined ? [] : [without + fault];
  });
}

function policyFaults(model: Model, endpoint: Resource, { granted }: Calls): string[] {
  const { PolicyDocument } = endpoint.properties;
  if (PolicyDocument === undefined) return [];
  const statements = statementsOf(PolicyDocument).map((statement) => ({
    allows: statement.Effect === 'Allow',
    conditional: statement.Condition !== undefined,
    actions: list(statement.Action).map(String),
    resources: list(statement.Resource).map((resource) => model.text(endpoint, resource)),
  }));
  return granted.flatMap(({ action, resource }) => {
    const about = statements.filter(
      ({ actions, resources }) =>
        actions.some((pattern) => matches(pattern, action)) && resources.some((pattern) => matches(pattern, resource)),
    );
    // A condition can't be judged here: what is allowed under one may be refused, and so is what is denied under one.
    const allowed = about.some(({ allows, conditional }) => allows && !conditional) && about.every((one) => one.allows);
    return allowed ? [] : [`the policy of ${endpoint.name} does not allow ${action} on ${resource}: add it there`];
  });
}

function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(text);
}
