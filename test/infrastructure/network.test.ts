import { environmentNames, idOf, synthesize } from './synthesize';

describe.each(environmentNames)('network of %s', (env) => {
  const stacks = synthesize(env);

  test('has private subnets in two zones', () => {
    const subnets = stacks.ofType('AWS::EC2::Subnet').filter(({ id }) => id.includes('Private'));
    const zones = subnets.map(({ Properties }) => JSON.stringify(Properties.AvailabilityZone));
    expect(new Set(zones).size).toBe(2);
  });

  test('has endpoints of its own for DynamoDB, S3 and Kinesis', () => {
    const services = stacks
      .ofType('AWS::EC2::VPCEndpoint')
      .map(({ Properties }) => JSON.stringify(Properties.ServiceName));
    expect(services).toHaveLength(3);
    for (const name of ['dynamodb', 's3', 'kinesis-streams']) {
      expect(services.filter((service) => service.includes(`.${name}"`))).toHaveLength(1);
    }
  });

  test('lets records out to its own stream only', () => {
    const endpoint = stacks.one(
      'AWS::EC2::VPCEndpoint',
      ({ Properties }) => Properties.VpcEndpointType === 'Interface',
    );
    expect(endpoint.Properties.PolicyDocument).toMatchObject({
      Statement: [{ Action: 'kinesis:PutRecords', Effect: 'Allow' }],
    });
    const text = JSON.stringify(endpoint.Properties.PolicyDocument);
    expect(text).toContain(stacks.one('AWS::Kinesis::Stream').id);
  });

  test('lets functions reach the Kinesis endpoint', () => {
    const rules = stacks
      .ofType('AWS::EC2::SecurityGroupIngress')
      .filter(({ Properties }) => idOf(Properties.GroupId).startsWith('NetworkVpcKinesis'));
    expect(rules.map(({ Properties }) => Properties.FromPort)).toEqual([443]);
  });

  test('has a way out, as cheap as the environment allows', () => {
    const gateways = stacks.ofType('AWS::EC2::NatGateway').length;
    const instances = stacks.ofType('AWS::EC2::Instance').length;
    expect({ gateways, instances }).toEqual(
      {
        dev: { gateways: 0, instances: 1 },
        staging: { gateways: 1, instances: 0 },
        prod: { gateways: 2, instances: 0 },
      }[env],
    );
    const routes = stacks.ofType('AWS::EC2::Route').filter(({ id }) => id.includes('Private'));
    for (const { Properties } of routes) {
      expect(Properties.DestinationCidrBlock).toBe('0.0.0.0/0');
      expect(Properties.NatGatewayId ?? Properties.InstanceId).toBeDefined();
    }
    expect(routes).toHaveLength(2);
  });

  test('gives functions no way out but HTTPS and the cache', () => {
    const group = stacks.one('AWS::EC2::SecurityGroup', ({ id }) => id.startsWith('NetworkFunctions'));
    expect(group.Properties.SecurityGroupEgress).toMatchObject([{ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }]);
  });

  test('lets nobody in from outside', () => {
    const open = stacks.ofType('AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress').filter(({ Properties }) => {
      const { SecurityGroupIngress = [], CidrIp } = Properties;
      return JSON.stringify([SecurityGroupIngress, CidrIp ?? '']).includes('0.0.0.0/0');
    });
    expect(open.map(({ id }) => id)).toEqual([]);
  });

  test('writes down what it refuses', () => {
    expect(stacks.one('AWS::EC2::FlowLog').Properties.TrafficType).toBe('REJECT');
  });
});
