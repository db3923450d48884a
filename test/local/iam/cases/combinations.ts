import { account, allow, bucket, deny, explicit, none, type PolicyCase, role, session } from './case';

const logic = 'IAM: Policy evaluation logic, "Determining whether a request is allowed or denied within an account"';
const resourceBased =
  'IAM: Policy evaluation logic, "Resource-based policies and implicit denies in other policy types"';
const principals = 'IAM: AWS JSON policy elements: Principal';
const notPrincipals = 'IAM: AWS JSON policy elements: NotPrincipal';
const boundaries = 'IAM: Permissions boundaries for IAM entities';
const sessions = 'IAM: Policies and permissions in IAM, "Session policies"';
const crossing = 'IAM: Cross-account policy evaluation logic';
const trusts = 'IAM: How IAM roles differ from resource-based policies';

const object = { action: 's3:GetObject', resource: `${bucket}/a` };
const read = allow('s3:GetObject', `${bucket}/*`);
const other = allow('s3:ListBucket', bucket);
const to = (Principal: unknown, rest: object = {}) => allow('s3:GetObject', `${bucket}/*`, { Principal, ...rest });
const assume = { action: 'sts:AssumeRole', resource: `arn:aws:iam::${account}:role/device` };
const mayAssume = allow('sts:AssumeRole', assume.resource);
const trusting = (Principal: unknown) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal });
const root = `arn:aws:iam::${account}:root`;
const user = `arn:aws:iam::${account}:user/carla`;
const foreign = { action: 'dynamodb:GetItem', resource: 'arn:aws:dynamodb:eu-central-1:444455556666:table/tracks' };
const foreignGrant = allow('dynamodb:GetItem', foreign.resource, { Principal: { AWS: role } });

/** How the kinds of policies go together. */
export const combinationCases: PolicyCase[] = [
  {
    name: 'role and session allow',
    source: sessions,
    ...object,
    identity: [read],
    session: [read],
    expected: 'allowed',
  },
  {
    name: 'the session leaves it out',
    source: sessions,
    ...object,
    identity: [read],
    session: [other],
    expected: 'no session policy allows',
  },
  { name: 'the role leaves it out', source: sessions, ...object, identity: [other], session: [read], expected: none },
  {
    name: 'the session denies',
    source: sessions,
    ...object,
    identity: [read],
    session: [read, deny('s3:GetObject', `${bucket}/a`)],
    expected: 'explicit deny in a session policy',
  },
  {
    name: 'role and boundary allow',
    source: boundaries,
    ...object,
    identity: [read],
    boundary: [read],
    expected: 'allowed',
  },
  {
    name: 'the boundary leaves it out',
    source: boundaries,
    ...object,
    identity: [read],
    boundary: [other],
    expected: 'no permissions boundary allows',
  },
  { name: 'a boundary grants nothing', source: boundaries, ...object, boundary: [read], expected: none },
  {
    name: 'the boundary denies',
    source: boundaries,
    ...object,
    identity: [read],
    boundary: [read, deny('s3:*', '*')],
    expected: 'explicit deny in a permissions boundary',
  },
  {
    name: 'role, boundary and session: each must allow',
    source: logic,
    ...object,
    identity: [read],
    boundary: [read],
    session: [other],
    expected: 'no session policy allows',
  },
  {
    name: 'the resource allows the role',
    source: resourceBased,
    ...object,
    onResource: [to({ AWS: role })],
    expected: 'allowed',
  },
  {
    name: 'a grant to the role keeps within its boundary',
    source: resourceBased,
    ...object,
    boundary: [other],
    onResource: [to({ AWS: role })],
    expected: 'no permissions boundary allows',
  },
  {
    name: 'a grant to the role keeps within the session',
    source: resourceBased,
    ...object,
    session: [other],
    onResource: [to({ AWS: role })],
    expected: 'no session policy allows',
  },
  {
    name: 'a grant to the session itself keeps within nothing',
    source: resourceBased,
    ...object,
    session: [other],
    boundary: [other],
    onResource: [to({ AWS: session })],
    expected: 'allowed',
  },
  {
    name: 'a grant to the session does not undo a deny',
    source: resourceBased,
    ...object,
    identity: [deny('s3:*', '*')],
    onResource: [to({ AWS: session })],
    expected: explicit,
  },
  {
    name: 'a grant to a user keeps within nothing',
    source: resourceBased,
    ...object,
    principal: user,
    boundary: [other],
    onResource: [to({ AWS: user })],
    expected: 'allowed',
  },
  {
    name: 'a grant to another session',
    source: principals,
    ...object,
    onResource: [to({ AWS: `${session}0` })],
    expected: none,
  },
  {
    name: 'a grant to another role',
    source: principals,
    ...object,
    onResource: [to({ AWS: `${role}s` })],
    expected: none,
  },
  {
    name: 'a grant to a role by its ARN with a path',
    source: 'IAM: IAM identifiers, "IAM ARNs"',
    ...object,
    onResource: [to({ AWS: `arn:aws:iam::${account}:role/waystream/reader` })],
    expected: 'allowed',
  },
  {
    name: 'a grant to the account is for the account to hand on',
    source: principals,
    ...object,
    onResource: [to({ AWS: root })],
    expected: none,
  },
  {
    name: 'a grant to the account by its number',
    source: principals,
    ...object,
    identity: [read],
    onResource: [to({ AWS: account })],
    expected: 'allowed',
  },
  { name: 'a grant to everyone', source: principals, ...object, onResource: [to('*')], expected: 'allowed' },
  {
    name: 'a grant to everyone under a condition on the role',
    source: principals,
    ...object,
    context: { 'aws:PrincipalArn': role },
    session: [other],
    onResource: [to({ AWS: '*' }, { Condition: { ArnEquals: { 'aws:PrincipalArn': role } } })],
    expected: 'allowed',
  },
  {
    name: 'a grant to a service is not to a role',
    source: principals,
    ...object,
    onResource: [to({ Service: 'cloudfront.amazonaws.com' })],
    expected: none,
  },
  {
    name: 'a grant to a service',
    source: principals,
    ...object,
    principal: 'cloudfront.amazonaws.com',
    onResource: [to({ Service: ['es.amazonaws.com', 'cloudfront.amazonaws.com'] })],
    expected: 'allowed',
  },
  {
    name: 'the resource denies everyone without TLS',
    source: 'S3: Security best practices, "Enforce encryption of data in transit"',
    ...object,
    context: { 'aws:SecureTransport': 'false' },
    identity: [read],
    onResource: [
      deny('s3:*', [bucket, `${bucket}/*`], {
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    ],
    expected: 'explicit deny in a resource-based policy',
  },
  {
    name: 'the resource denies all but the one who asks',
    source: notPrincipals,
    ...object,
    identity: [read],
    onResource: [deny('s3:*', `${bucket}/*`, { NotPrincipal: { AWS: [role, session, root] } })],
    expected: 'allowed',
  },
  {
    name: 'the resource denies all but another',
    source: notPrincipals,
    ...object,
    identity: [read],
    onResource: [deny('s3:*', `${bucket}/*`, { NotPrincipal: { AWS: user } })],
    expected: 'explicit deny in a resource-based policy',
  },
  {
    name: 'another account: both allow',
    source: crossing,
    ...foreign,
    identity: [allow('*', '*')],
    onResource: [foreignGrant],
    expected: 'allowed',
  },
  {
    name: 'another account: its resource does not allow',
    source: crossing,
    ...foreign,
    identity: [allow('*', '*')],
    expected: 'no resource-based policy allows',
  },
  {
    name: 'another account: the own policy does not allow',
    source: crossing,
    ...foreign,
    onResource: [foreignGrant],
    expected: none,
  },
  {
    name: 'a role that trusts the role',
    source: trusts,
    ...assume,
    trust: [trusting({ AWS: role })],
    expected: 'allowed',
  },
  {
    name: 'a role that trusts another',
    source: trusts,
    ...assume,
    identity: [mayAssume],
    trust: [trusting({ AWS: user })],
    expected: 'no role trust policy allows',
  },
  {
    name: 'a role that trusts the account, and a policy that hands it on',
    source: trusts,
    ...assume,
    identity: [mayAssume],
    trust: [trusting({ AWS: root })],
    expected: 'allowed',
  },
  {
    name: 'a role that trusts the account, and no policy that hands it on',
    source: trusts,
    ...assume,
    trust: [trusting({ AWS: root })],
    expected: none,
  },
  {
    name: 'a role that trusts a service',
    source: trusts,
    ...assume,
    identity: [mayAssume],
    trust: [trusting({ Service: 'lambda.amazonaws.com' })],
    expected: 'no role trust policy allows',
  },
];
