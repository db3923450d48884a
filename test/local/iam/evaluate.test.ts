import { denialMessage, evaluate } from '../../../local/iam';
import { cases } from './cases';
import { allow, type PolicyCase, policiesOf, requestOf, table, verdict, when } from './cases/case';

test.each(cases)('$name: $expected ($source)', (each) => {
  expect(verdict(evaluate(requestOf(each), policiesOf(each)))).toBe(each.expected);
});

test('the cases are many, and each is another', () => {
  expect(cases.length).toBeGreaterThanOrEqual(80);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

const asked: PolicyCase = { name: '', source: '', expected: 'allowed', identity: [allow('s3:*'), allow(), allow('*')] };

test('a decision names the statement that allowed', () => {
  expect(evaluate(requestOf(asked), policiesOf(asked))).toEqual({
    allowed: true,
    by: { policy: 'identity', index: 1 },
  });
});

test('several values without a set operator are an error, as nobody says which of them counts', () => {
  const several = {
    ...asked,
    identity: [when({ StringEquals: { 'aws:TagKeys': 'a' } })],
    context: { 'aws:TagKeys': ['a', 'b'] },
  };
  expect(() => evaluate(requestOf(several), policiesOf(several))).toThrow('aws:tagkeys has several values');
});

describe('a denial reads as AWS writes it', () => {
  const refusal = (each: Partial<PolicyCase>) => {
    const denied = { ...asked, identity: [allow('s3:*')], action: 'dynamodb:PutItem', ...each };
    const decision = evaluate(requestOf(denied), policiesOf(denied));
    return decision.allowed ? 'allowed' : denialMessage(requestOf(denied), decision);
  };
  const who = 'User: arn:aws:sts::111122223333:assumed-role/reader/run-1 is not authorized to perform: ';

  test('for want of an allow', () => {
    expect(refusal({})).toBe(
      `${who}dynamodb:PutItem on resource: ${table} because no identity-based policy allows the dynamodb:PutItem action`,
    );
  });

  test('for a deny', () => {
    expect(refusal({ identity: [{ Effect: 'Deny', Action: '*', Resource: '*' }] })).toBe(
      `${who}dynamodb:PutItem on resource: ${table} with an explicit deny in an identity-based policy`,
    );
  });

  test('for an action without a resource', () => {
    expect(refusal({ action: 'ec2:DescribeSubnets', resource: '*' })).toBe(
      `${who}ec2:DescribeSubnets because no identity-based policy allows the ec2:DescribeSubnets action`,
    );
  });
});
