import { allow, deny, explicit, none, type PolicyCase, table, when } from './case';

const operators = 'IAM: IAM JSON policy elements: Condition operators';
const missing = `${operators}, "Important" on keys that are not present`;
const ifExists = `${operators}, "...IfExists condition operators"`;
const nulls = `${operators}, "Condition operator to check existence of condition keys"`;
const arns = `${operators}, "Amazon Resource Name (ARN) condition operators"`;
const multiple = 'IAM: Conditions with multiple context keys or values';
const sets = 'IAM: Set operators for multivalued context keys';

const team = (value: string | string[]) => ({ 'aws:PrincipalTag/team': value });
const tags = (...value: string[]) => ({ 'aws:TagKeys': value });
const at = (value: string) => ({ 'aws:CurrentTime': value });
const from = (value: string) => ({ 'aws:SourceIp': value });
const source = (value: string) => ({ 'aws:SourceArn': value });

/** [name, source, condition, context, whether it holds] */
type Row = [string, string, object, Record<string, string | string[]>, boolean];

const rows: Row[] = [
  ['StringEquals: the same', operators, { StringEquals: team('blue') }, team('blue'), true],
  ['StringEquals: another case', operators, { StringEquals: team('blue') }, team('Blue'), false],
  ['StringEquals: a star is a star', operators, { StringEquals: team('b*') }, team('blue'), false],
  ['StringEquals: one of several', multiple, { StringEquals: team(['red', 'blue']) }, team('blue'), true],
  [
    'keys regardless of case',
    'IAM: IAM JSON policy elements: Condition',
    { StringEquals: { 'AWS:principaltag/TEAM': 'blue' } },
    team('blue'),
    true,
  ],
  ['StringNotEquals: another', operators, { StringNotEquals: team('red') }, team('blue'), true],
  [
    'StringNotEquals: none of several may be it',
    multiple,
    { StringNotEquals: team(['red', 'blue']) },
    team('blue'),
    false,
  ],
  ['StringEqualsIgnoreCase', operators, { StringEqualsIgnoreCase: team('BLUE') }, team('blue'), true],
  ['StringNotEqualsIgnoreCase', operators, { StringNotEqualsIgnoreCase: team('BLUE') }, team('blue'), false],
  ['StringLike', operators, { StringLike: team('bl?*') }, team('blue'), true],
  ['StringLike with regard to case', operators, { StringLike: team('BL*') }, team('blue'), false],
  ['StringNotLike', operators, { StringNotLike: team('b*') }, team('blue'), false],
  [
    'a variable in a value',
    'IAM: IAM policy elements: Variables and tags',
    { StringLike: { 's3:prefix': '${aws:username}/*' } },
    { 's3:prefix': 'carla/2026', 'aws:username': 'carla' },
    true,
  ],
  [
    'a variable without a value is like nothing',
    'IAM: IAM policy elements: Variables and tags, "Policy variables with no value"',
    { StringLike: { 's3:prefix': '${aws:username}*' } },
    { 's3:prefix': 'carla' },
    false,
  ],
  [
    'a variable without a value differs from everything',
    'IAM: IAM policy elements: Variables and tags, "Policy variables with no value"',
    { StringNotEquals: { 's3:prefix': '${aws:username}' } },
    { 's3:prefix': 'carla' },
    true,
  ],
  ['NumericEquals by amount', operators, { NumericEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': '10.0' }, true],
  ['NumericNotEquals', operators, { NumericNotEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': '9' }, true],
  [
    'NumericLessThan by amount and not by text',
    operators,
    { NumericLessThan: { 's3:max-keys': '10' } },
    { 's3:max-keys': '9' },
    true,
  ],
  [
    'NumericLessThanEquals at its edge',
    operators,
    { NumericLessThanEquals: { 's3:max-keys': 10 } },
    { 's3:max-keys': '10' },
    true,
  ],
  [
    'NumericGreaterThan at its edge',
    operators,
    { NumericGreaterThan: { 's3:max-keys': '10' } },
    { 's3:max-keys': '10' },
    false,
  ],
  [
    'NumericGreaterThanEquals at its edge',
    operators,
    { NumericGreaterThanEquals: { 's3:max-keys': '10' } },
    { 's3:max-keys': '10' },
    true,
  ],
  ['DateGreaterThan', operators, { DateGreaterThan: at('2026-01-01T00:00:00Z') }, at('2026-07-01T00:00:00Z'), true],
  [
    'DateLessThan across time zones',
    operators,
    { DateLessThan: at('2026-07-01T01:00:00+02:00') },
    at('2026-06-30T23:30:00Z'),
    false,
  ],
  [
    'DateEquals in epoch seconds',
    operators,
    { DateEquals: { 'aws:EpochTime': '1767225600' } },
    { 'aws:EpochTime': '2026-01-01T00:00:00Z' },
    true,
  ],
  ['DateNotEquals', operators, { DateNotEquals: at('2026-01-01') }, at('2026-01-02'), true],
  ['DateLessThanEquals at its edge', operators, { DateLessThanEquals: at('2026-01-01') }, at('2026-01-01'), true],
  ['DateGreaterThanEquals before it', operators, { DateGreaterThanEquals: at('2026-01-02') }, at('2026-01-01'), false],
  ['Bool', operators, { Bool: { 'aws:SecureTransport': 'true' } }, { 'aws:SecureTransport': 'true' }, true],
  [
    'Bool written as JSON has it',
    operators,
    { Bool: { 'aws:SecureTransport': false } },
    { 'aws:SecureTransport': 'true' },
    false,
  ],
  ['BinaryEquals', operators, { BinaryEquals: { key: 'QmluYXJ5' } }, { key: 'QmluYXJ5' }, true],
  ['IpAddress in a range', operators, { IpAddress: from('203.0.113.0/24') }, from('203.0.113.77'), true],
  ['IpAddress outside a range', operators, { IpAddress: from('203.0.113.0/24') }, from('203.0.114.1'), false],
  [
    'IpAddress without a range is one address',
    operators,
    { IpAddress: from('203.0.113.7') },
    from('203.0.113.7'),
    true,
  ],
  [
    'IpAddress of version 6',
    operators,
    { IpAddress: from('2001:DB8:1234:5678::/64') },
    from('2001:db8:1234:5678::9'),
    true,
  ],
  ['NotIpAddress', operators, { NotIpAddress: from('203.0.113.0/24') }, from('203.0.113.77'), false],
  [
    'ArnEquals with a star, as ArnLike',
    arns,
    { ArnEquals: source('arn:aws:sns:*:111122223333:alarm*') },
    source('arn:aws:sns:eu-west-1:111122223333:alarms'),
    true,
  ],
  [
    'ArnLike: a star keeps to its part',
    arns,
    { ArnLike: source('arn:aws:someservice:*:111122223333:finance/*') },
    source('arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt'),
    false,
  ],
  [
    'StringLike: a star does not',
    arns,
    { StringLike: source('arn:aws:someservice:*:111122223333:finance/*') },
    source('arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt'),
    true,
  ],
  [
    'ArnNotLike',
    arns,
    { ArnNotLike: source('arn:aws:sns:*:*:alarms') },
    source('arn:aws:sns:eu-west-1:111122223333:alarms'),
    false,
  ],
  [
    'ArnNotEquals',
    arns,
    { ArnNotEquals: source('arn:aws:sns:*:*:alarms') },
    source('arn:aws:sqs:eu-west-1:111122223333:alarms'),
    true,
  ],
  ['a missing key equals nothing', missing, { StringEquals: team('blue') }, {}, false],
  ['a missing key is like nothing, not even a star', missing, { StringLike: team('*') }, {}, false],
  ['a missing key differs', missing, { StringNotEquals: team('blue') }, {}, true],
  ['a missing key is not like anything', missing, { ArnNotLike: source('arn:aws:sns:*:*:alarms') }, {}, true],
  ['a missing key is outside of addresses', missing, { NotIpAddress: from('203.0.113.0/24') }, {}, true],
  ['a missing key is not less than anything', missing, { NumericLessThan: { 's3:TlsVersion': 1.2 } }, {}, false],
  ['IfExists: a missing key passes', ifExists, { StringLikeIfExists: { 'ec2:InstanceType': 't2.*' } }, {}, true],
  [
    'IfExists: a key that is there is compared',
    ifExists,
    { StringLikeIfExists: { 'ec2:InstanceType': 't2.*' } },
    { 'ec2:InstanceType': 'm3.large' },
    false,
  ],
  ['Null true: the key is missing', nulls, { Null: { 'aws:TokenIssueTime': 'true' } }, {}, true],
  [
    'Null true: the key is there',
    nulls,
    { Null: { 'aws:TokenIssueTime': 'true' } },
    { 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' },
    false,
  ],
  [
    'Null false: the key is there',
    nulls,
    { Null: { 'aws:TokenIssueTime': 'false' } },
    { 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' },
    true,
  ],
  ['Null false: the key is missing', nulls, { Null: { 'aws:TokenIssueTime': 'false' } }, {}, false],
  ['Null false: the key has no value', sets, { Null: { 'aws:TagKeys': false } }, tags(), false],
  [
    'operators are all needed',
    multiple,
    { StringEquals: team('blue'), Bool: { 'aws:SecureTransport': 'true' } },
    { ...team('blue'), 'aws:SecureTransport': 'false' },
    false,
  ],
  [
    'keys of one operator are all needed',
    multiple,
    { StringEquals: { ...team('blue'), 'aws:username': 'carla' } },
    team('blue'),
    false,
  ],
  [
    'ForAllValues: each is among them',
    sets,
    { 'ForAllValues:StringEquals': tags('a', 'b', 'c') },
    tags('a', 'b'),
    true,
  ],
  ['ForAllValues: one is not', sets, { 'ForAllValues:StringEquals': tags('a', 'b') }, tags('a', 'x'), false],
  ['ForAllValues: a missing key passes', sets, { 'ForAllValues:StringEquals': tags('a') }, {}, true],
  ['ForAllValues: no value passes', sets, { 'ForAllValues:StringEquals': tags('a') }, tags(), true],
  ['ForAllValues: nothing but an empty text passes', sets, { 'ForAllValues:StringEquals': tags('a') }, tags(''), true],
  [
    'ForAllValues negated: none is among them',
    sets,
    { 'ForAllValues:StringNotEquals': tags('a', 'b') },
    tags('x', 'y'),
    true,
  ],
  ['ForAllValues negated: one is', sets, { 'ForAllValues:StringNotEquals': tags('a', 'b') }, tags('x', 'b'), false],
  ['ForAnyValue: one is among them', sets, { 'ForAnyValue:StringEquals': tags('a', 'b') }, tags('x', 'b'), true],
  ['ForAnyValue: none is', sets, { 'ForAnyValue:StringLike': tags('a*') }, tags('x', 'y'), false],
  ['ForAnyValue: a missing key fails', sets, { 'ForAnyValue:StringEquals': tags('a') }, {}, false],
  ['ForAnyValue: no value fails', sets, { 'ForAnyValue:StringEquals': tags('a') }, tags(), false],
  ['ForAnyValue negated: a missing key fails', sets, { 'ForAnyValue:StringNotEquals': tags('a') }, {}, false],
];

/** What conditions hold of: each operator, keys that are missing, sets of values. */
export const conditionCases: PolicyCase[] = [
  ...rows.map(
    ([name, source, condition, context, holds]): PolicyCase => ({
      name,
      source,
      context,
      identity: [when(condition)],
      expected: holds ? 'allowed' : none,
    }),
  ),
  {
    name: 'a deny whose condition does not hold denies nothing',
    source: 'S3: Security best practices, "Enforce encryption of data in transit"',
    context: { 'aws:SecureTransport': 'true' },
    identity: [allow(), deny('*', table, { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
    expected: 'allowed',
  },
  {
    name: 'a deny with a negated operator denies where the key is missing',
    source: ifExists,
    identity: [allow(), deny('*', table, { Condition: { StringNotEquals: team('blue') } })],
    expected: explicit,
  },
  {
    name: 'a deny of any forbidden value among several',
    source: sets,
    context: tags('a', 'webserver'),
    identity: [
      allow(),
      deny('*', table, { Condition: { 'ForAnyValue:StringEquals': tags('environment', 'webserver') } }),
    ],
    expected: explicit,
  },
];
