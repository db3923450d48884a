import { z } from 'zod';
import type { Resource, Template } from '../model';
import { readAll } from '../template/known';
import { managedPolicies } from './managed';
import { parsePolicy } from './parse';
import { type Policy, PolicyError } from './types';

const text = z.string();
const quiet = z.unknown().optional();
const role = z.strictObject({
  AssumeRolePolicyDocument: z.unknown(),
  Description: quiet,
  ManagedPolicyArns: z.array(text).default([]),
  MaxSessionDuration: quiet,
  Path: quiet,
  PermissionsBoundary: text.optional(),
  Policies: z.array(z.strictObject({ PolicyName: text, PolicyDocument: z.unknown() })).default([]),
  RoleName: quiet,
  Tags: quiet,
});
const policy = z.strictObject({
  PolicyDocument: z.unknown(),
  PolicyName: quiet,
  Roles: z.array(text).default([]),
  Users: z.array(text).max(0).optional(),
  Groups: z.array(text).max(0).optional(),
});
const managedPolicy = policy.extend({ ManagedPolicyName: quiet, Description: quiet, Path: quiet });
const bucketPolicy = z.strictObject({ Bucket: text, PolicyDocument: z.unknown() });

/** Types of IAM that say nothing about what a role may do. */
const withoutSay = ['AWS::IAM::InstanceProfile', 'AWS::IAM::OIDCProvider', 'AWS::IAM::ServiceLinkedRole'];
const read = ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', ...withoutSay];

/** A role of the template and its policies. */
export interface Role {
  arn: string;
  logicalId: string;
  identity: readonly Policy[];
  boundary: readonly Policy[] | undefined;
  trust: Policy;
}

/**
 * Every role, with what is attached to it in any way.
 * @throws PolicyError for a policy that can't be read, and a managed one that is not known
 * @throws TemplateError for a property that is not known
 */
export function rolesOf(template: Template): Role[] {
  const unknown = template.resources.find(({ type }) => type.startsWith('AWS::IAM::') && !read.includes(type));
  if (unknown) throw new PolicyError(`${unknown.logicalId}: ${unknown.type} is not known`);
  const managed = readAll(template, 'AWS::IAM::ManagedPolicy', managedPolicy).map(attachment);
  const attached = [...managed, ...readAll(template, 'AWS::IAM::Policy', policy).map(attachment)];
  return readAll(template, 'AWS::IAM::Role', role).map(({ resource, properties }) => {
    const { logicalId, ref } = resource;
    const byArn = (arn: string): Policy =>
      managed.find((each) => each.ref === arn)?.policy ?? awsManaged(arn, logicalId);
    const inline = properties.Policies.map((each) =>
      parsePolicy(each.PolicyDocument, `${logicalId}/${each.PolicyName}`),
    );
    const named = attached.filter(({ roles }) => roles.includes(ref)).map((each) => each.policy);
    const boundary = properties.PermissionsBoundary;
    return {
      arn: String(resource.attributes.Arn),
      logicalId,
      identity: [...inline, ...named, ...properties.ManagedPolicyArns.map(byArn)],
      boundary: boundary === undefined ? undefined : [byArn(boundary)],
      trust: parsePolicy(properties.AssumeRolePolicyDocument, `${logicalId}/trust`, 'trust'),
    };
  });
}

/** A policy on resources: those whose ARN is this one, or begins with it and a slash. */
export interface OnResource {
  arn: string;
  policy: Policy;
}

/** Policies of buckets, domains, tables and streams of tables. */
export function resourcePoliciesOf(template: Template): OnResource[] {
  const buckets = readAll(template, 'AWS::S3::BucketPolicy', bucketPolicy).map(({ resource, properties }) => ({
    arn: `arn:aws:s3:::${properties.Bucket}`,
    policy: parsePolicy(properties.PolicyDocument, resource.logicalId, 'resource'),
  }));
  const domains = template
    .ofType('AWS::OpenSearchService::Domain')
    .flatMap((domain) => onResource(domain, domain.properties.AccessPolicies, domain.attributes.Arn));
  const tables = template
    .ofType('AWS::DynamoDB::Table')
    .flatMap((table) => [
      ...onResource(table, documentIn(table.properties), table.attributes.Arn),
      ...onResource(table, documentIn(table.properties.StreamSpecification), table.attributes.StreamArn),
    ]);
  return [...buckets, ...domains, ...tables];
}

function onResource({ logicalId }: Resource, document: unknown, arn: unknown): OnResource[] {
  return document === undefined ? [] : [{ arn: String(arn), policy: parsePolicy(document, logicalId, 'resource') }];
}

const withPolicy = z.object({ ResourcePolicy: z.strictObject({ PolicyDocument: z.unknown() }) });

function documentIn(properties: unknown): unknown {
  const parsed = withPolicy.safeParse(properties);
  return parsed.success ? parsed.data.ResourcePolicy.PolicyDocument : undefined;
}

interface Attachment {
  ref: string;
  roles: readonly string[];
  policy: Policy;
}

function attachment({ resource, properties }: { resource: Resource; properties: z.infer<typeof policy> }): Attachment {
  const { ref, logicalId } = resource;
  return { ref, roles: properties.Roles, policy: parsePolicy(properties.PolicyDocument, logicalId) };
}

function awsManaged(arn: string, role: string): Policy {
  const name = arn.split(':').at(-1) ?? '';
  const document = managedPolicies[name];
  if (document === undefined) throw new PolicyError(`${role}: the managed policy ${arn} is not known`);
  return parsePolicy(document, `${role}/${name.split('/').at(-1)}`);
}
