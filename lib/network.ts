import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Environment } from './environments';
import type { ServiceFunction } from './service-function';

/** Private subnets in two zones for what talks to Valkey; everything else stays outside. */
export class Network extends Construct {
  readonly vpc: IVpc;
  /** What functions in the network wear. */
  readonly functions: SecurityGroup;

  constructor(scope: Construct, id: string, { environment }: { environment: Environment }) {
    super(scope, id);
    const vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: environment.nat.kind === 'gateways' ? environment.nat.count : 1,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
      ],
      gatewayEndpoints: {
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
        S3: { service: GatewayVpcEndpointAwsService.S3 },
      },
    });
    // The library's own types part ways over optional properties: a Vpc is an IVpc.
    this.vpc = vpc as IVpc;
    this.functions = new SecurityGroup(this, 'Functions', { vpc: this.vpc, description: 'Functions that use Valkey' });
    const kinesis = vpc.addInterfaceEndpoint('Kinesis', {
      service: InterfaceVpcEndpointAwsService.KINESIS_STREAMS,
      open: false,
    });
    kinesis.connections.allowFrom(this.functions, Port.HTTPS, 'Kinesis without the way through NAT');
  }

  /** Where a function's network interfaces go. */
  get placement(): CfnFunction.VpcConfigProperty {
    return {
      subnetIds: this.vpc.privateSubnets.map((subnet) => subnet.subnetId),
      securityGroupIds: [this.functions.securityGroupId],
    };
  }

  /** Lets a function have network interfaces. These actions know no resource that could be named beforehand. */
  grantInterfaces(fn: ServiceFunction): void {
    fn.allow(
      [
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
      ],
      '*',
    );
  }
}
