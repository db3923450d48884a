import { type AccessRequest, Roles } from '../../../local/iam';
import type { Resource, Template } from '../../../local/model';

const table = 'arn:aws:dynamodb:eu-central-1:000000000000:table/tracks';
const arn = 'arn:aws:iam::000000000000:role/reader';

const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], Resource: string | string[] = table) => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const trust = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } });

const resource = (type: string, logicalId: string, properties: object, ref = logicalId): Resource => ({
  ...{ stack: 'Test', logicalId, type, ref, metadata: {}, properties: { ...properties } },
  attributes: type === 'AWS::IAM::Role' ? { Arn: `arn:aws:iam::000000000000:role/${ref}` } : {},
});
const role = (properties: object = {}) =>
  resource('AWS::IAM::Role', 'ReaderRole', { AssumeRolePolicyDocument: trust, ...properties }, 'reader');
const attached = (...statements: object[]) =>
  resource('AWS::IAM::Policy', 'ReaderPolicy', { PolicyDocument: document(...statements), Roles: ['reader'] });
const template = (...resources: Resource[]): Template => ({
  resources,
  outputs: {},
  ofType: (type) => resources.filter((each) => each.type === type),
  find: () => role(),
});

const asked = (action: string, on = table): AccessRequest => ({
  ...{ action, resource: on, context: () => undefined },
  principal: { arn: 'arn:aws:sts::000000000000:assumed-role/reader/reader', account: '000000000000' },
});
const read = asked('dynamodb:GetItem');

test('a role has what is written in it and what is attached to it', () => {
  const Policies = [{ PolicyName: 'own', PolicyDocument: document(allow('dynamodb:Query')) }];
  const roles = new Roles(template(role({ Policies }), attached(allow('dynamodb:GetItem'))));
  expect(roles.decide(read, arn)).toEqual({ allowed: true, by: { policy: 'ReaderPolicy', index: 0 } });
  expect(roles.decide(asked('dynamodb:Query'), arn)).toMatchObject({ by: { policy: 'ReaderRole/own', index: 0 } });
  expect(roles.decide(asked('dynamodb:Scan'), arn).allowed).toBe(false);
});

test('a managed policy of the template counts where a role names it or it names the role', () => {
  const managed = (Roles: string[]) =>
    resource('AWS::IAM::ManagedPolicy', 'Shared', { PolicyDocument: document(allow('dynamodb:GetItem')), Roles });
  const naming = new Roles(template(role({ ManagedPolicyArns: ['Shared'] }), managed([])));
  const named = new Roles(template(role(), managed(['reader'])));
  for (const roles of [naming, named]) expect(roles.decide(read, arn).allowed).toBe(true);
});

test('AWS’s own policies are known by name, and others are an error', () => {
  const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
  const roles = new Roles(template(role({ ManagedPolicyArns: [basic] })));
  const log = 'arn:aws:logs:eu-central-1:000000000000:log-group:a:log-stream:b';
  expect(roles.decide(asked('logs:PutLogEvents', log), arn).allowed).toBe(true);
  const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
  expect(() => new Roles(template(role({ ManagedPolicyArns: [admin] })))).toThrow(
    `ReaderRole: the managed policy ${admin}`,
  );
});

test('a boundary holds', () => {
  const boundary = resource('AWS::IAM::ManagedPolicy', 'Limit', { PolicyDocument: document(allow('dynamodb:Query')) });
  const roles = new Roles(template(role({ PermissionsBoundary: 'Limit' }), boundary, attached(allow('dynamodb:*'))));
  expect(roles.decide(read, arn)).toMatchObject({ allowed: false, reason: 'no permissions boundary allows' });
  expect(roles.decide(asked('dynamodb:Query'), arn).allowed).toBe(true);
});

test('a bucket’s policy speaks of its bucket and its objects, and of no other', () => {
  const Statement = { Effect: 'Deny', Action: 's3:*', Resource: '*', Principal: '*' };
  const onBucket = resource('AWS::S3::BucketPolicy', 'Guard', {
    Bucket: 'failed',
    PolicyDocument: document(Statement),
  });
  const roles = new Roles(template(role(), onBucket, attached(allow('s3:*', '*'))));
  const reason = (on: string) => roles.decide(asked('s3:PutObject', on), arn).allowed;
  expect([reason('arn:aws:s3:::failed'), reason('arn:aws:s3:::failed/a/b'), reason('arn:aws:s3:::failed2/a')]).toEqual([
    false,
    false,
    true,
  ]);
});

test('a role is assumed only by whom it trusts', () => {
  const roles = new Roles(template(role(), attached(allow('sts:AssumeRole', '*'))));
  expect(roles.decide(asked('sts:AssumeRole', arn), arn)).toEqual({
    allowed: false,
    reason: 'no role trust policy allows',
  });
});

test('a statement that is withheld allows nothing until it is restored', () => {
  const roles = new Roles(template(role(), attached(allow('dynamodb:Query'), allow('dynamodb:GetItem'))));
  expect(roles.decide(read, arn).allowed).toBe(true);
  roles.withhold({ policy: 'ReaderPolicy', index: 1 });
  expect(roles.decide(read, arn).allowed).toBe(false);
  expect(roles.decide(asked('dynamodb:Query'), arn).allowed).toBe(true);
  roles.restore({ policy: 'ReaderPolicy', index: 1 });
  expect(roles.decide(read, arn).allowed).toBe(true);
  expect(() => roles.withhold({ policy: 'ReaderPolicy', index: 2 })).toThrow('There is no statement ReaderPolicy/2');
});

test('an answer that hung on the request is not taken for the next', () => {
  const Condition = { StringEquals: { 'dynamodb:Select': 'COUNT' } };
  const roles = new Roles(template(role(), attached({ ...allow('dynamodb:GetItem'), Condition })));
  const selecting = (select: string) => ({ ...read, context: () => [select] });
  expect(['COUNT', 'ALL_ATTRIBUTES', 'COUNT'].map((each) => roles.decide(selecting(each), arn).allowed)).toEqual([
    true,
    false,
    true,
  ]);
});

test('each action on each resource is counted as the policy writes it, however many things are asked for', () => {
  const roles = new Roles(
    template(role(), attached(allow(['dynamodb:GetItem', 'dynamodb:Query'], [table, `${table}/index/*`]))),
  );
  for (const index of ['a', 'b', 'c']) roles.decide(asked('dynamodb:Query', `${table}/index/${index}`), arn);
  roles.decide(asked('dynamodb:Query', `${table}/index/c`), arn);
  roles.decide(asked('dynamodb:Scan'), arn);
  expect(roles.grants().map(({ action, resource: on, uses }) => [action, on, uses])).toEqual([
    ['dynamodb:GetItem', table, 0],
    ['dynamodb:GetItem', `${table}/index/*`, 0],
    ['dynamodb:Query', table, 0],
    ['dynamodb:Query', `${table}/index/*`, 4],
  ]);
  expect(roles.denials()).toEqual([{ role: 'ReaderRole', action: 'dynamodb:Scan', times: 1 }]);
});

test('what the template has and nobody reads is an error that names it', () => {
  expect(() => new Roles(template(resource('AWS::IAM::UserPolicy', 'Odd', {})))).toThrow(/Odd: AWS::IAM::UserPolicy/);
  expect(() => new Roles(template(role({ Permissions: [] })))).toThrow(/ReaderRole AWS::IAM::Role Permissions/);
  expect(() => new Roles(template()).decide(read, arn)).toThrow(`no role ${arn}`);
});
