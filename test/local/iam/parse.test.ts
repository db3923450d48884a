import { parsePolicy } from '../../../local/iam';

const policy = (statement: object, rest: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*', ...statement }],
  ...rest,
});
const condition = (Condition: object) => policy({ Condition });

describe('a policy that can not be understood is refused, and what is wrong is named', () => {
  test.each<[string, unknown, RegExp]>([
    ['an unknown element', policy({}, { Statements: [] }), /Statements is not an element/],
    ['an unknown element of a statement', policy({ Actions: ['s3:*'] }), /Actions is not an element/],
    ['an unknown effect', policy({ Effect: 'allow' }), /Effect/],
    ['an unknown version', policy({}, { Version: '2025-01-01' }), /Version/],
    ['no statement', { Version: '2012-10-17', Statement: [] }, /Statement/],
    ['no action', { Statement: { Effect: 'Allow', Resource: '*' } }, /names no Action/],
    ['an action and its opposite', policy({ NotAction: 's3:*' }), /Action and NotAction/],
    ['a resource and its opposite', policy({ NotResource: '*' }), /Resource and NotResource/],
    ['no resource', policy({ Resource: undefined }), /needs Resource/],
    ['an action without its service', policy({ Action: 'GetObject' }), /GetObject is not an action/],
    ['a resource that is no ARN', policy({ Resource: 'a/*' }), /a\/\* is neither an ARN nor \*/],
    ['a wildcard for a service', policy({ Resource: 'arn:aws:*:::a' }), /wildcard for its service/],
    ['a variable before the resource', policy({ Resource: 'arn:aws:s3:${aws:region}::a' }), /variable before/],
    ['a variable that is none', policy({ Resource: 'arn:aws:s3:::${a b}' }), /\$\{a b\}/],
    ['a principal in an identity’s policy', policy({ Principal: '*' }), /can not have Principal/],
    ['an unknown operator', condition({ StringMatches: { 'aws:username': 'a' } }), /StringMatches is not a condition/],
    ['an operator in another case', condition({ stringEquals: { 'aws:username': 'a' } }), /stringEquals/],
    ['an unknown set operator', condition({ 'ForSomeValues:StringEquals': { a: 'b' } }), /ForSomeValues/],
    ['Null with IfExists', condition({ NullIfExists: { 'aws:username': 'true' } }), /NullIfExists/],
    ['Null of a set', condition({ 'ForAllValues:Null': { 'aws:username': 'true' } }), /ForAllValues:Null/],
    ['Null of neither', condition({ Null: { 'aws:username': 'yes' } }), /yes is neither true nor false/],
    ['a number that is none', condition({ NumericLessThan: { 's3:max-keys': 'ten' } }), /ten/],
    ['a date that is none', condition({ DateLessThan: { 'aws:CurrentTime': 'tomorrow' } }), /tomorrow/],
    ['an address that is none', condition({ IpAddress: { 'aws:SourceIp': '10.0.0/8' } }), /10\.0\.0\/8/],
    ['a range that is none', condition({ IpAddress: { 'aws:SourceIp': '10.0.0.0/40' } }), /10\.0\.0\.0\/40/],
    ['a condition of another shape', condition({ StringEquals: 'a' }), /Condition\.StringEquals/],
    ['a value of another shape', condition({ StringEquals: { 'aws:username': { a: 1 } } }), /aws:username/],
    ['no JSON', '{', /JSON/],
  ])('%s', (_, document, message) => {
    expect(() => parsePolicy(document, 'Reader')).toThrow(message);
    expect(() => parsePolicy(document, 'Reader')).toThrow(/^Reader: /);
  });

  test.each<[string, object, RegExp]>([
    ['no principal', {}, /needs Principal/],
    ['a part of a principal', { Principal: { AWS: 'arn:aws:iam::111122223333:role/*' } }, /part of a principal/],
    ['an unknown kind of principal', { Principal: { Role: 'a' } }, /Role is not an element/],
    ['a principal and its opposite', { Principal: '*', NotPrincipal: '*' }, /Principal and NotPrincipal/],
  ])('on a resource: %s', (_, statement, message) => {
    expect(() => parsePolicy(policy(statement), 'OnBucket', 'resource')).toThrow(message);
  });
});

test('a document is taken as JSON too, with one statement or many', () => {
  const single = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });
  expect(parsePolicy(single).statements).toHaveLength(1);
});
