import {
  InstanceClass,
  InstanceSize,
  InstanceType,
  NatInstanceProviderV2,
  NatTrafficDirection,
  Peer,
  Port,
  type VpcProps,
} from 'aws-cdk-lib/aws-ec2';
import { acknowledge } from './acknowledge';
import type { Environment } from './environments';

/** How the private subnets reach what has no endpoint in the network: the WebSocket API's `@connections`. */
export class WayOut {
  private readonly instance: NatInstanceProviderV2 | undefined;

  constructor(private readonly nat: Environment['nat']) {
    if (nat.kind === 'gateways') return;
    this.instance = new NatInstanceProviderV2({
      instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.NANO),
      associatePublicIpAddress: true,
      defaultAllowedTraffic: NatTrafficDirection.NONE,
    });
  }

  /** What the network is made with. */
  get props(): Pick<VpcProps, 'natGateways' | 'natGatewayProvider'> {
    if (this.nat.kind === 'gateways') return { natGateways: this.nat.count };
    return { natGateways: 1, ...(this.instance && { natGatewayProvider: this.instance }) };
  }

  /** Lets HTTPS through, from these addresses to outside. */
  open(from: string): void {
    if (!this.instance) return;
    this.instance.connections.allowFrom(Peer.ipv4(from), Port.HTTPS, 'From the private subnets');
    this.instance.connections.allowTo(Peer.anyIpv4(), Port.HTTPS, 'To AWS');
    const reason =
      'A throw-away way out of a development network: it holds nothing, and CloudFormation makes a new one.';
    for (const gateway of this.instance.gatewayInstances) acknowledge(gateway, reason, 'EC26', 'EC28', 'EC29');
  }
}
