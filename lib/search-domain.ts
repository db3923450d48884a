import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnDomain } from 'aws-cdk-lib/aws-opensearchservice';
import { Construct } from 'constructs';
import { searchEnv } from '../lambdas/search/env';
import type { Environment, SearchSize } from './environments';
import type { ServiceFunction } from './service-function';

/**
 * The index of rows. It stands outside the network: every request is signed, and since it has no resource policy,
 * only an identity of this account whose own policy names the domain gets in.
 */
export class SearchDomain extends Construct {
  private readonly domain: CfnDomain;

  constructor(scope: Construct, id: string, props: { environment: Environment; size: SearchSize }) {
    super(scope, id);
    const { size } = props;
    this.domain = new CfnDomain(this, 'Domain', {
      engineVersion: 'OpenSearch_2.19',
      clusterConfig: clusterOf(size),
      ebsOptions: { ebsEnabled: true, volumeType: 'gp3', volumeSize: size.gigabytes },
      encryptionAtRestOptions: { enabled: true },
      nodeToNodeEncryptionOptions: { enabled: true },
      domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
      // A field-data cache of half the heap, and bodies large enough for a bulk request of a batch.
      advancedOptions: { 'rest.action.multi.allow_explicit_index': 'true' },
    });
    this.domain.applyRemovalPolicy(props.environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
  }

  /** Lets a function create indices and write documents. */
  grantIndex(fn: ServiceFunction): void {
    this.grant(fn, ['Get', 'Head', 'Post', 'Put']);
  }

  /** Lets a function search; a search body travels in a POST, and a point in time is closed by a DELETE. */
  grantSearch(fn: ServiceFunction): void {
    this.grant(fn, ['Delete', 'Get', 'Post']);
  }

  private grant(fn: ServiceFunction, methods: readonly string[]): void {
    fn.allow(
      methods.map((method) => `es:ESHttp${method}`),
      `${this.domain.attrArn}/*`,
    );
    fn.setEnvironment(searchEnv, { SEARCH_ENDPOINT: `https://${this.domain.attrDomainEndpoint}` });
  }
}

function clusterOf({ instanceType, instances, masters }: SearchSize): CfnDomain.ClusterConfigProperty {
  return {
    instanceType,
    instanceCount: instances,
    zoneAwarenessEnabled: instances > 1,
    ...(instances > 1 && { zoneAwarenessConfig: { availabilityZoneCount: 2 } }),
    dedicatedMasterEnabled: masters !== 'none',
    ...(masters !== 'none' && { dedicatedMasterType: masters.instanceType, dedicatedMasterCount: masters.count }),
  };
}
