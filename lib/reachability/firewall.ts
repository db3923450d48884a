import { list, type Model, type Resource } from './model';

/** Who is at the other end of a connection: the security groups that it wears, and its addresses. */
export interface Peer {
  groups: readonly Resource[];
  /** IPv4 blocks; all of them must be let through. */
  blocks: readonly string[];
}

export interface Ports {
  from: number;
  to: number;
}

export const https: Ports = { from: 443, to: 443 };
export const anywhere: Peer = { groups: [], blocks: ['0.0.0.0/0'] };

type Direction = 'in' | 'out';
const embedded = { in: 'SecurityGroupIngress', out: 'SecurityGroupEgress' } as const;
const groupAt = { in: 'SourceSecurityGroupId', out: 'DestinationSecurityGroupId' } as const;

/** Whether one of the groups lets a TCP connection through to its peer (`out`) or in from it. */
export function lets(
  model: Model,
  groups: readonly Resource[],
  direction: Direction,
  ports: Ports,
  peer: Peer,
): boolean {
  const rules = groups.flatMap((group) => rulesOf(model, group, direction));
  const open = rules.filter(({ properties }) => covers(properties, ports));
  const toGroup = open.some((rule) => {
    const named = model.target(rule, rule.properties[groupAt[direction]]);
    return named !== undefined && peer.groups.some(({ id }) => id === named.id);
  });
  const blocks = open.flatMap((rule) => blockOf(model, rule, rule.properties.CidrIp) ?? []);
  return (
    toGroup || (peer.blocks.length > 0 && peer.blocks.every((inner) => blocks.some((outer) => holds(outer, inner))))
  );
}

/** A group's rules, those that stand in it and those that are resources of their own. */
function rulesOf(model: Model, group: Resource, direction: Direction): Resource[] {
  const inside = group.properties[embedded[direction]];
  const own = model
    .ofType(`AWS::EC2::${embedded[direction]}`)
    .filter((rule) => model.target(rule, rule.properties.GroupId)?.id === group.id);
  const rules = list(inside).map((properties) => ({ ...group, properties: { ...Object(properties) } }));
  // A group that says nothing of what goes out lets everything out. Source: AWS::EC2::SecurityGroup, SecurityGroupEgress.
  const silent = direction === 'out' && inside === undefined && own.length === 0;
  return silent ? [{ ...group, properties: { IpProtocol: '-1', CidrIp: '0.0.0.0/0' } }] : [...rules, ...own];
}

function covers({ IpProtocol, FromPort, ToPort }: Resource['properties'], { from, to }: Ports): boolean {
  const protocol = String(IpProtocol);
  if (protocol === '-1') return true;
  return ['tcp', '6'].includes(protocol) && Number(FromPort) <= from && to <= Number(ToPort);
}

/** A block of addresses as it is written, or the block of the network that it names. */
export function blockOf(model: Model, from: Resource, value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const named = model.target(from, value)?.properties.CidrBlock;
  return typeof named === 'string' ? named : undefined;
}

/** Whether an IPv4 block lies within another. */
function holds(outer: string, inner: string): boolean {
  const [start, bits] = parsed(outer);
  const [address, narrower] = parsed(inner);
  const size = 2 ** (32 - bits);
  return bits <= narrower && Math.floor(address / size) === Math.floor(start / size);
}

function parsed(block: string): [address: number, bits: number] {
  const [address = '', bits = '32'] = block.split('/');
  return [address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0), Number(bits)];
}
