import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Policy, PolicyError, parsePolicy } from '../iam';
import { accountId, type Template } from '../model';
import type { Access } from './access';
import { AwsError } from './call';
import { type Caller, type Key, type Keys, sessionCaller } from './keys';

/** What STS has to know of a role. */
export interface AssumableRole {
  arn: string;
  roleId: string;
  /** seconds */
  longestSession: number;
}

export interface StsOptions {
  keys: Keys;
  role(arn: string): AssumableRole | undefined;
  /** @throws AwsError when the caller may not */
  require(access: Access): void;
  now: number;
}

/** Longest session of a role that was assumed from another role's session. Source: IAM user guide, "Roles terms and concepts", role chaining. */
const chainedSeconds = 3_600;

/** Longest text of a session policy, in characters. Source: STS API reference, "AssumeRole", Policy. */
const policyLimit = 2_048;

/** The roles of a template, by ARN. */
export function assumableRoles(template: Template): ReadonlyMap<string, AssumableRole> {
  const longest = z.coerce.number().default(3_600);
  return new Map(
    template.ofType('AWS::IAM::Role').map(({ attributes, properties }) => {
      const arn = String(attributes.Arn);
      return [
        arn,
        { arn, roleId: String(attributes.RoleId), longestSession: longest.parse(properties.MaxSessionDuration) },
      ];
    }),
  );
}

/** Answers a call to STS. @throws AwsError for one that is not served, not valid or not allowed */
export function answerSts(body: string, caller: Caller, options: StsOptions): { action: string; xml: string } {
  const request = new URLSearchParams(body);
  const action = request.get('Action') ?? 'Unknown';
  // Everyone may ask who they are. Source: STS API reference, "GetCallerIdentity".
  if (action === 'GetCallerIdentity') return { action, xml: identity(caller) };
  if (action !== 'AssumeRole') throw new AwsError(400, 'InvalidAction', `${action} is not served locally`);
  return { action, xml: assumeRole(request, caller, options) };
}

function identity({ arn, userId }: Caller): string {
  return response('GetCallerIdentity', `<Arn>${arn}</Arn><UserId>${userId}</UserId><Account>${accountId}</Account>`);
}

function assumeRole(request: URLSearchParams, caller: Caller, options: StsOptions): string {
  const { roleArn, sessionName, durationSeconds } = parametersOf(request);
  const policy = sessionPolicy(request);
  options.require({
    action: 'sts:AssumeRole',
    resource: roleArn,
    keys: (key) => (key === 'sts:rolesessionname' ? [sessionName] : undefined),
  });
  const role = options.role(roleArn);
  if (!role) throw new AwsError(403, 'AccessDenied', unauthorized(caller, roleArn));
  checkDuration(durationSeconds, role, caller);
  const session = sessionCaller(sessionName, sessionName, role.roleId, { arn: roleArn, policy, issuedAt: options.now });
  const key = options.keys.issue(session, options.now + durationSeconds * 1000);
  return assumed(key, request.get('Policy')?.length ?? 0);
}

function unauthorized({ arn }: Caller, roleArn: string): string {
  return `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
}

/** Source: STS API reference, "AssumeRole": patterns and limits of its parameters. */
const rules = {
  roleArn: z.string('must not be null').min(20).max(2_048).regex(/^arn:/),
  roleSessionName: z
    .string('must not be null')
    .min(2)
    .max(64)
    .regex(/^[\w+=,.@-]*$/),
  durationSeconds: z.coerce.number().int().min(900).max(43_200).default(3_600),
};

/** Parameters that change what a session may do, and that are not understood here. */
const refused = [
  'PolicyArns.',
  'Tags.',
  'TransitiveTagKeys.',
  'ProvidedContexts.',
  'ExternalId',
  'SerialNumber',
  'TokenCode',
  'SourceIdentity',
];

function parametersOf(request: URLSearchParams): { roleArn: string; sessionName: string; durationSeconds: number } {
  const unserved = [...request.keys()].find((name) => refused.some((each) => name.startsWith(each)));
  if (unserved !== undefined) invalid(`${unserved} is not served locally`);
  const get = (name: keyof typeof rules): unknown => {
    const parameter = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    const given = request.get(parameter) ?? undefined;
    const parsed = rules[name].safeParse(given);
    if (parsed.success) return parsed.data;
    const problem = parsed.error.issues[0]?.message ?? 'is not valid';
    return invalid(
      `1 validation error detected: Value ${given === undefined ? 'null' : `'${given}'`} at '${name}' failed to satisfy constraint: ${problem}`,
    );
  };
  return {
    roleArn: String(get('roleArn')),
    sessionName: String(get('roleSessionName')),
    durationSeconds: Number(get('durationSeconds')),
  };
}

function checkDuration(seconds: number, role: AssumableRole, caller: Caller): void {
  if (caller.role && seconds > chainedSeconds) {
    invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining');
  }
  if (seconds > role.longestSession) {
    invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

function sessionPolicy(request: URLSearchParams): readonly Policy[] | undefined {
  const text = request.get('Policy');
  if (text === null) return undefined;
  if (text.length > policyLimit) {
    invalid(
      `1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to ${policyLimit}`,
    );
  }
  try {
    return [parsePolicy(text, 'session policy')];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new AwsError(400, 'MalformedPolicyDocument', error.message);
  }
}

function invalid(message: string): never {
  throw new AwsError(400, 'ValidationError', message);
}

/** @param policyLength characters of the session policy, told back as a share of what may be */
function assumed({ accessKeyId, secretAccessKey, sessionToken, expiresAt, caller }: Key, policyLength: number): string {
  const credentials =
    `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(expiresAt).toISOString()}</Expiration>`;
  const packed =
    policyLength && `<PackedPolicySize>${Math.ceil((policyLength * 100) / policyLimit)}</PackedPolicySize>`;
  return response(
    'AssumeRole',
    `<Credentials>${credentials}</Credentials><AssumedRoleUser><AssumedRoleId>${caller.userId}</AssumedRoleId>` +
      `<Arn>${caller.arn}</Arn></AssumedRoleUser>${packed || ''}`,
  );
}

function response(action: string, result: string): string {
  return (
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result>` +
    `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`
  );
}
