import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, ResourcePolicy } from 'aws-cdk-lib/aws-logs';
import { CfnDomain } from 'aws-cdk-lib/aws-opensearchservice';
import { Construct } from 'constructs';
import { searchEnv } from '../lambdas/search/env';
import { acknowledge } from './acknowledge';
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
    const { size, environment } = props;
    const slowSearches = this.addLog('SlowSearches', environment);
    const slowWrites = this.addLog('SlowWrites', environment);
    this.domain = new CfnDomain(this, 'Domain', {
      engineVersion: 'OpenSearch_2.19',
      clusterConfig: clusterOf(size),
      ebsOptions: { ebsEnabled: true, volumeType: 'gp3', volumeSize: size.gigabytes },
      encryptionAtRestOptions: { enabled: true },
      nodeToNodeEncryptionOptions: { enabled: true },
      domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
      logPublishingOptions: {
        SEARCH_SLOW_LOGS: { enabled: true, cloudWatchLogsLogGroupArn: slowSearches.logGroupArn },
        INDEX_SLOW_LOGS: { enabled: true, cloudWatchLogsLogGroupArn: slowWrites.logGroupArn },
      },
    });
    this.domain.node.addDependency(this.letDomainLog(slowSearches, slowWrites));
    this.domain.applyRemovalPolicy(environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    this.acknowledgeFindings(size);
  }

  /** Lets a function write documents, to indices that a template makes; and ask whether an index is there. */
  grantIndex(fn: ServiceFunction): void {
    const { attrArn } = this.domain;
    fn.allow(['es:ESHttpPost'], `${attrArn}/_bulk`);
    fn.allowUnder(
      'Indices are named by city and day, and those come and go.',
      ['es:ESHttpHead'],
      `${attrArn}/positions-*`,
    );
    fn.allowUnder('A template is named by who puts it.', ['es:ESHttpPost'], `${attrArn}/_index_template/*`);
    this.tell(fn);
  }

  /** Lets a function search, and do nothing else: the body of a search travels in a POST. */
  grantSearch(fn: ServiceFunction): void {
    fn.allow(['es:ESHttpPost'], `${this.domain.attrArn}/_msearch`);
    this.tell(fn);
  }

  /** 1 while a primary shard has no node. */
  metricRed(period: Duration): Metric {
    const dimensionsMap = { DomainName: this.domain.ref, ClientId: Stack.of(this).account };
    return new Metric({
      namespace: 'AWS/ES',
      metricName: 'ClusterStatus.red',
      dimensionsMap,
      period,
      statistic: 'Maximum',
    });
  }

  private addLog(id: string, environment: Environment): LogGroup {
    return new LogGroup(this, id, { retention: environment.logDays, removalPolicy: RemovalPolicy.DESTROY });
  }

  private letDomainLog(...logs: LogGroup[]): ResourcePolicy {
    const statement = new PolicyStatement({
      principals: [new ServicePrincipal('es.amazonaws.com')],
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: logs.map((log) => log.logGroupArn),
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    return new ResourcePolicy(this, 'Logging', { policyStatements: [statement] });
  }

  private acknowledgeFindings(size: SearchSize): void {
    acknowledge(this.domain, 'Outside the network, functions that search start faster and cost no NAT.', 'OS1');
    acknowledge(this.domain, 'Functions have no addresses of their own; every request is signed instead.', 'OS3');
    acknowledge(this.domain, 'No resource policy lets nobody in who is not let in by their own: all sign.', 'OS5');
    if (size.masters === 'none') {
      acknowledge(this.domain, 'A domain this small elects among its data nodes; the index can be made anew.', 'OS4');
    }
    if (size.instances === 1) acknowledge(this.domain, 'One node, for development: the index can be made anew.', 'OS7');
  }

  private tell(fn: ServiceFunction): void {
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
