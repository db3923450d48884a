import { RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  type InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Environment } from './environments';
import type { ServiceFunction } from './service-function';
import { WayOut } from './way-out';

/** The network's own addresses. It is peered with nothing, so they may be anybody's. */
const addresses = '10.0.0.0/16';

/** Private subnets in two zones for what talks to Valkey; everything else stays outside. */
export class Network extends Construct {
  readonly vpc: IVpc;
  /** What functions in the network wear. */
  readonly functions: SecurityGroup;
  private readonly kinesis: InterfaceVpcEndpoint;

  constructor(scope: Construct, id: string, { environment }: { environment: Environment }) {
    super(scope, id);
    const wayOut = new WayOut(environment.nat);
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(addresses),
      maxAzs: 2,
      ...wayOut.props,
      // The rule it would remove is taken away by a function of CDK's own; nothing here wears the default group.
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
    wayOut.open(addresses);
    this.logRefusals(vpc, environment);
    // The library's own types part ways over optional properties: a Vpc is an IVpc.
    this.vpc = vpc as IVpc;
    this.functions = new SecurityGroup(this, 'Functions', {
      vpc: this.vpc,
      description: 'Functions that use Valkey',
      allowAllOutbound: false,
    });
    this.functions.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'AWS’s own endpoints');
    this.kinesis = vpc.addInterfaceEndpoint('Kinesis', {
      service: InterfaceVpcEndpointAwsService.KINESIS_STREAMS,
      open: false,
    });
    this.kinesis.connections.allowFrom(this.functions, Port.HTTPS, 'Kinesis without the way through NAT');
  }

  /** Where a function's network interfaces go. */
  get placement(): CfnFunction.VpcConfigProperty {
    return {
      subnetIds: this.vpc.privateSubnets.map((subnet) => subnet.subnetId),
      securityGroupIds: [this.functions.securityGroupId],
    };
  }

  /** Lets records out to this stream, and to no other: the endpoint is nobody's way to a stream of another account. */
  letOut(streamArn: string): void {
    this.kinesis.addToPolicy(
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ['kinesis:PutRecords'],
        resources: [streamArn],
      }),
    );
  }

  /** Lets a function have network interfaces. */
  grantInterfaces(fn: ServiceFunction): void {
    fn.allowUnder(
      'EC2 names network interfaces itself, and describing them knows no resource.',
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

  private logRefusals(vpc: Vpc, environment: Environment): void {
    const log = new LogGroup(this, 'Refusals', {
      retention: environment.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    vpc.addFlowLog('Refusals', {
      destination: FlowLogDestination.toCloudWatchLogs(log),
      trafficType: FlowLogTrafficType.REJECT,
    });
  }
}
