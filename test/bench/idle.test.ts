import { idleCosts, idleTotal } from '../../bench/cost/idle';
import { synthesize } from '../infrastructure/synthesize';

const costOf = (costs: ReturnType<typeof idleCosts>, what: string) => costs.find((cost) => cost.what === what)?.dollars;

test('a development environment without search stays below two dollars a day', () => {
  expect(idleTotal(synthesize('dev', { search: 'none' }).resources)).toBeLessThan(2);
});

test('an environment costs what its template holds, each thing at its price', () => {
  const dev = idleCosts(synthesize('dev').resources);
  expect(costOf(dev, 'stream')).toBeCloseTo(0.36);
  expect(costOf(dev, 'fan-out consumer')).toBeCloseTo(0.36);
  expect(costOf(dev, 'endpoint of Kinesis, each zone')).toBeCloseTo(0.48);
  expect(costOf(dev, 'Valkey, 100 MB')).toBeCloseTo(0.2016);
  // One t3.small.search and 10 GB.
  expect(costOf(dev, 'search domain')).toBeCloseTo(0.036 * 24 + 1.22 / 30);
});

test('on demand, a stream costs by the hour and its consumer nothing', () => {
  const staging = idleCosts(synthesize('staging').resources);
  expect(costOf(staging, 'stream')).toBeCloseTo(0.96);
  expect(costOf(staging, 'fan-out consumer')).toBeUndefined();
});

test('production pays for two ways out and for masters', () => {
  const prod = idleCosts(synthesize('prod').resources);
  expect(costOf(prod, 'NAT gateway')).toBeCloseTo(2 * 1.08);
  // Of two tables: ten writes and fifty reads a second each.
  expect(costOf(prod, 'capacity of tables')).toBeCloseTo(2 * 24 * (10 * 0.00065 + 50 * 0.00013));
  expect(costOf(prod, 'search domain')).toBeCloseTo(24 * (2 * 0.167 + 3 * 0.128) + (2 * 200 * 0.122) / 30);
});

test.each([
  ['a second shard', { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 2 } }, 0.72],
  ['a customer key', { Type: 'AWS::KMS::Key', Properties: {} }, 1 / 30],
  ['a gateway endpoint', { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Gateway' } }, 0],
  ['a table', { Type: 'AWS::DynamoDB::Table', Properties: {} }, 0],
])('%s makes a day dearer by what it costs', (_, resource, dollars) => {
  expect(idleTotal([resource])).toBeCloseTo(dollars);
});

test('what has no price is asked for by name', () => {
  expect(() => idleCosts([{ Type: 'AWS::RDS::DBInstance', Properties: {} }])).toThrow('AWS::RDS::DBInstance');
  const domain = {
    Type: 'AWS::OpenSearchService::Domain',
    Properties: { ClusterConfig: { InstanceType: 'x9.huge.search', InstanceCount: 1 }, EBSOptions: { VolumeSize: 1 } },
  };
  expect(() => idleCosts([domain])).toThrow('x9.huge.search');
});
