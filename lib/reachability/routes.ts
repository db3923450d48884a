import { anywhere, blockOf, https, lets } from './firewall';
import { list, type Model, type Resource } from './model';

/** The route table of a subnet. */
export function tableOf(model: Model, subnet: Resource): Resource | undefined {
  const [association] = model
    .ofType('AWS::EC2::SubnetRouteTableAssociation')
    .filter((each) => model.target(each, each.properties.SubnetId)?.id === subnet.id);
  return association && model.target(association, association.properties.RouteTableId);
}

/** The route that a subnet's calls to anywhere take. */
function defaultRoute(model: Model, subnet: Resource): Resource | undefined {
  const table = tableOf(model, subnet);
  return model
    .ofType('AWS::EC2::Route')
    .find(
      (route) =>
        model.target(route, route.properties.RouteTableId)?.id === table?.id &&
        route.properties.DestinationCidrBlock === anywhere.blocks[0],
    );
}

/** Whether a subnet's way to anywhere is an internet gateway, so that only public addresses can use it. */
export function isPublic(model: Model, subnet: Resource): boolean {
  const route = defaultRoute(model, subnet);
  return route !== undefined && model.target(route, route.properties.GatewayId)?.type === 'AWS::EC2::InternetGateway';
}

/** Why nothing in a subnet gets out, and what would mend it; undefined where it gets out. */
export function noWayOut(model: Model, subnet: Resource): string | undefined {
  const route = defaultRoute(model, subnet);
  if (!route) return `${subnet.name} has no route to 0.0.0.0/0: route it to a NAT gateway or instance`;
  const gateway = model.target(route, route.properties.NatGatewayId);
  if (gateway) return gatewayFault(model, gateway);
  const instance = model.target(route, route.properties.InstanceId);
  if (instance) return instanceFault(model, instance, subnet);
  return `the route of ${subnet.name} to 0.0.0.0/0 leads to nothing that translates addresses: route it to a NAT`;
}

function gatewayFault(model: Model, gateway: Resource): string | undefined {
  const { AllocationId, ConnectivityType, SubnetId } = gateway.properties;
  if (AllocationId === undefined || ConnectivityType === 'private') {
    return `${gateway.name} has no public address: give it an Elastic IP`;
  }
  return outdoorsFault(model, gateway, model.target(gateway, SubnetId));
}

function instanceFault(model: Model, instance: Resource, from: Resource): string | undefined {
  const { properties, name } = instance;
  if (properties.SourceDestCheck !== false) {
    return `${name} drops what is not addressed to it: set its SourceDestCheck to false`;
  }
  const [first] = list(properties.NetworkInterfaces);
  const card: Record<string, unknown> = { ...properties, ...Object(first) };
  const groups = model.targets(instance, card.GroupSet ?? card.SecurityGroupIds);
  const block = blockOf(model, from, from.properties.CidrBlock);
  if (!lets(model, groups, 'in', https, { groups: [], blocks: block === undefined ? [] : [block] })) {
    return `${name} lets nothing in from ${from.name} (${block}): allow that block in, on port 443`;
  }
  if (!lets(model, groups, 'out', https, anywhere)) return `${name} lets nothing out: allow port 443 to 0.0.0.0/0`;
  const subnet = model.target(instance, card.SubnetId);
  if (card.AssociatePublicIpAddress !== true && subnet?.properties.MapPublicIpOnLaunch !== true) {
    return `${name} has no public address: associate one with its network interface`;
  }
  return outdoorsFault(model, instance, subnet);
}

/** What is wrong with where a NAT stands: it must be in a subnet whose way out is an attached internet gateway. */
function outdoorsFault(model: Model, nat: Resource, subnet: Resource | undefined): string | undefined {
  if (!subnet || !isPublic(model, subnet)) {
    return `${nat.name} stands in ${subnet?.name ?? 'no subnet'}, which has no route to an internet gateway: add one`;
  }
  const route = defaultRoute(model, subnet);
  const gateway = route && model.target(route, route.properties.GatewayId);
  const attached = model
    .ofType('AWS::EC2::VPCGatewayAttachment')
    .some(
      (each) =>
        model.target(each, each.properties.InternetGatewayId)?.id === gateway?.id &&
        model.target(each, each.properties.VpcId)?.id === model.target(subnet, subnet.properties.VpcId)?.id,
    );
  return attached ? undefined : `${gateway?.name} is not attached to the network of ${nat.name}: attach it`;
}
