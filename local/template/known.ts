import type { z } from 'zod';
import { gatewayTypes } from '../api/attributes';
import { type Resource, type Template, TemplateError } from '../model';
import * as schemas from './schemas';

/** Types that the local stack acts on, with the schema of their properties. */
const handled: Readonly<Record<string, z.ZodType>> = {
  'AWS::Lambda::Function': schemas.lambdaFunction,
  'AWS::Lambda::EventInvokeConfig': schemas.eventInvokeConfig,
  'AWS::Lambda::EventSourceMapping': schemas.eventSourceMapping,
  'AWS::DynamoDB::Table': schemas.table,
  'AWS::Kinesis::Stream': schemas.stream,
  'AWS::Kinesis::StreamConsumer': schemas.streamConsumer,
  'AWS::S3::Bucket': schemas.bucket,
  'AWS::ElastiCache::User': schemas.cacheUser,
  'AWS::SecretsManager::Secret': schemas.secret,
  'AWS::Events::Rule': schemas.eventRule,
  'AWS::Scheduler::Schedule': schemas.schedule,
};

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/**
 * Types that only give an address here. Their engine is sized by the machine, not by the template,
 * so the names of their properties are checked and the values are not.
 */
const addressed: Readonly<Record<string, ReadonlySet<string>>> = {
  'AWS::OpenSearchService::Domain': names(
    'AccessPolicies AdvancedOptions AdvancedSecurityOptions AutoTuneOptions ClusterConfig DomainEndpointOptions ' +
      'DomainName EBSOptions EncryptionAtRestOptions EngineVersion IPAddressType LogPublishingOptions ' +
      'NodeToNodeEncryptionOptions OffPeakWindowOptions SoftwareUpdateOptions SnapshotOptions Tags VPCOptions',
  ),
  'AWS::ElastiCache::ServerlessCache': names(
    'CacheUsageLimits DailySnapshotTime Description Endpoint Engine KmsKeyId MajorEngineVersion NetworkType ' +
      'ReaderEndpoint SecurityGroupIds ServerlessCacheName SnapshotArnsToRestore SnapshotRetentionLimit SubnetIds ' +
      'Tags UserGroupId',
  ),
  'AWS::ElastiCache::UserGroup': names('Engine Tags UserGroupId UserIds'),
};

/** Types whose effect exists in AWS only: networks, permissions (read by the policy checks), alarms, delivery. */
const withoutEffect = [
  'AWS::ApiGateway::Account',
  'AWS::ApplicationAutoScaling::',
  'AWS::Backup::',
  'AWS::Budgets::Budget',
  'AWS::CDK::Metadata',
  'AWS::CloudFront::',
  'AWS::CloudWatch::',
  'AWS::EC2::',
  'AWS::ElastiCache::SubnetGroup',
  'AWS::IAM::',
  'AWS::KMS::',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::Logs::',
  'AWS::Route53::',
  'AWS::S3::BucketPolicy',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SNS::',
  'AWS::SSM::Parameter',
  'AWS::WAFv2::',
  'Custom::CDKBucketDeployment',
  'Custom::LogRetention',
  'Custom::OpenSearchAccessPolicy',
  'Custom::CloudwatchLogResourcePolicy',
  'Custom::S3AutoDeleteObjects',
  'Custom::VpcRestrictDefaultSG',
];

/** A type that AWS bills or runs and the local stack only takes note of. */
export function hasNoLocalEffect(type: string): boolean {
  return withoutEffect.some((known) => (known.endsWith('::') ? type.startsWith(known) : type === known));
}

/**
 * Holds every resource against the types and properties that are known. The gateways' own types are checked by them.
 * @throws TemplateError with one line per finding: stack, logical id, type, property
 */
export function checkKnown(template: Template): void {
  const findings = template.resources.flatMap(findingsOf);
  if (findings.length > 0) throw new TemplateError(`The local stack does not know:\n${findings.join('\n')}`);
}

function findingsOf(resource: Resource): string[] {
  const { type, properties } = resource;
  const at = `${resource.stack} ${resource.logicalId} ${type}`;
  if (gatewayTypes.some((known) => known === type) || hasNoLocalEffect(type)) return [];
  const allowed = addressed[type];
  if (allowed) {
    return Object.keys(properties)
      .filter((name) => !allowed.has(name))
      .map((name) => `${at} ${name}: unknown property`);
  }
  const schema = handled[type];
  if (!schema) return [`${at}: unknown type`];
  const parsed = schema.safeParse(properties);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => lines(at, issue));
}

function lines(at: string, issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map((part) => `${String(part)}.`).join('');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at} ${path}${key}: unknown property`);
  return [`${at} ${path.slice(0, -1)}: ${issue.message}`];
}

/** A resource with its properties parsed. */
export interface Known<P> {
  resource: Resource;
  properties: P;
}

/** All resources of a type, parsed. @throws TemplateError as `checkKnown` does */
export function readAll<P>(template: Template, type: string, schema: z.ZodType<P>): Known<P>[] {
  return template.ofType(type).map((resource) => {
    const parsed = schema.safeParse(resource.properties);
    if (parsed.success) return { resource, properties: parsed.data };
    const at = `${resource.stack} ${resource.logicalId} ${type}`;
    throw new TemplateError(parsed.error.issues.flatMap((issue) => lines(at, issue)).join('\n'));
  });
}
