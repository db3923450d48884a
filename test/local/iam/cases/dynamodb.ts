import { allow, none, type PolicyCase, table, when } from './case';

const guide = 'DynamoDB: Using IAM policy conditions for fine-grained access control';
const sets = 'IAM: Set operators for multivalued context keys';
const many = 'IAM: Multivalued context key examples';

const keys = (...value: string[]) => ({ 'dynamodb:LeadingKeys': value });
const attributes = (...value: string[]) => ({ 'dynamodb:Attributes': value });
const onlyOwn = { 'ForAllValues:StringEquals': keys('taxi-1#shift') };
const guarded = { ...onlyOwn, Null: { 'dynamodb:LeadingKeys': 'false' } };
const perUser = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': '${www.amazon.com:user_id}' } };
const scores = attributes('UserId', 'TopScore');
const onlyScores = {
  'ForAllValues:StringEquals': scores,
  StringEqualsIfExists: {
    'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
    'dynamodb:ReturnValues': ['NONE', 'UPDATED_OLD', 'UPDATED_NEW'],
  },
};
const thread = 'arn:aws:dynamodb:*:*:table/tracks';
const threadAttributes = { 'ForAllValues:StringEquals': attributes('ID', 'Message', 'Tags') };

/** Access to single items and attributes of a table. */
export const dynamodbCases: PolicyCase[] = [
  {
    name: 'the key granted',
    source: `${guide}, example 1`,
    context: keys('taxi-1#shift'),
    identity: [when(onlyOwn)],
    expected: 'allowed',
  },
  {
    name: 'another key',
    source: `${guide}, example 1`,
    context: keys('taxi-2#shift'),
    identity: [when(onlyOwn)],
    expected: none,
  },
  {
    name: 'a batch whose keys are all granted',
    source: sets,
    action: 'dynamodb:BatchWriteItem',
    context: keys('taxi-1#shift', 'taxi-1#shift'),
    identity: [when(onlyOwn, 'dynamodb:BatchWriteItem')],
    expected: 'allowed',
  },
  {
    name: 'a batch with one key too many',
    source: sets,
    action: 'dynamodb:BatchWriteItem',
    context: keys('taxi-1#shift', 'taxi-2#shift'),
    identity: [when(onlyOwn, 'dynamodb:BatchWriteItem')],
    expected: none,
  },
  {
    name: 'a scan has no leading keys, and passes ForAllValues without a guard',
    source: `${guide}, "Important" on Scan; ${sets}`,
    action: 'dynamodb:Scan',
    identity: [when(onlyOwn, 'dynamodb:*')],
    expected: 'allowed',
  },
  {
    name: 'a scan has no leading keys, and Null guards against it',
    source: many,
    action: 'dynamodb:Scan',
    identity: [when(guarded, 'dynamodb:*')],
    expected: none,
  },
  {
    name: 'the guard lets the key granted pass',
    source: many,
    context: keys('taxi-1#shift'),
    identity: [when(guarded)],
    expected: 'allowed',
  },
  {
    name: 'the guard stops a request without a key',
    source: many,
    context: keys(),
    identity: [when(guarded)],
    expected: none,
  },
  {
    name: 'ForAnyValue lets a batch with one granted key pass: the wrong operator for an allow',
    source: sets,
    context: keys('taxi-1#shift', 'taxi-2#shift'),
    identity: [when({ 'ForAnyValue:StringEquals': keys('taxi-1#shift') })],
    expected: 'allowed',
  },
  {
    name: 'keys of a kind',
    source: sets,
    context: keys('taxi-1#shift', 'taxi-1#trip'),
    identity: [when({ 'ForAllValues:StringLike': keys('taxi-1#*') })],
    expected: 'allowed',
  },
  {
    name: 'a star without StringLike is no wildcard',
    source: sets,
    context: keys('taxi-1#shift'),
    identity: [when({ 'ForAllValues:StringEquals': keys('taxi-1#*') })],
    expected: none,
  },
  {
    name: 'the key of who is signed in',
    source: `${guide}, example 1`,
    context: { ...keys('amzn1.a'), 'www.amazon.com:user_id': 'amzn1.a' },
    identity: [when(perUser)],
    expected: 'allowed',
  },
  {
    name: 'the key of someone else',
    source: `${guide}, example 1`,
    context: { ...keys('amzn1.b'), 'www.amazon.com:user_id': 'amzn1.a' },
    identity: [when(perUser)],
    expected: none,
  },
  {
    name: 'the key of who is not signed in',
    source: `${guide}, example 1`,
    context: keys('amzn1.b'),
    identity: [when(perUser)],
    expected: none,
  },
  {
    name: 'some of the attributes granted',
    source: `${guide}, example 2`,
    context: { ...scores, 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
    identity: [when(onlyScores)],
    expected: 'allowed',
  },
  {
    name: 'an attribute that is not granted',
    source: `${guide}, example 2`,
    context: { ...attributes('UserId', 'Wins'), 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
    identity: [when(onlyScores)],
    expected: none,
  },
  {
    name: 'all attributes where only some are granted',
    source: `${guide}, example 2`,
    action: 'dynamodb:Query',
    context: { 'dynamodb:Select': 'ALL_ATTRIBUTES' },
    identity: [when(onlyScores, 'dynamodb:Query')],
    expected: none,
  },
  {
    name: 'an update that gives back what it wrote',
    source: `${guide}, example 2`,
    action: 'dynamodb:UpdateItem',
    context: { ...scores, 'dynamodb:ReturnValues': 'UPDATED_NEW' },
    identity: [when(onlyScores, 'dynamodb:UpdateItem')],
    expected: 'allowed',
  },
  {
    name: 'an update that gives back the whole item',
    source: `${guide}, example 2`,
    action: 'dynamodb:UpdateItem',
    context: { ...scores, 'dynamodb:ReturnValues': 'ALL_OLD' },
    identity: [when(onlyScores, 'dynamodb:UpdateItem')],
    expected: none,
  },
  {
    name: 'an update that gives back nothing and does not say so',
    source: `${guide}, example 2`,
    action: 'dynamodb:UpdateItem',
    context: scores,
    identity: [when(onlyScores, 'dynamodb:UpdateItem')],
    expected: 'allowed',
  },
  {
    name: 'attributes that are listed',
    source: 'IAM: Creating a condition with multiple keys or values',
    context: attributes('ID', 'Message', 'Tags'),
    identity: [allow('dynamodb:GetItem', thread, { Condition: threadAttributes })],
    expected: 'allowed',
  },
  {
    name: 'an attribute beside those listed',
    source: 'IAM: Creating a condition with multiple keys or values',
    context: attributes('ID', 'Message', 'UserName'),
    identity: [allow('dynamodb:GetItem', thread, { Condition: threadAttributes })],
    expected: none,
  },
  {
    name: 'a write that a deny of attributes forbids',
    source: 'IAM: Creating a condition with multiple keys or values',
    action: 'dynamodb:PutItem',
    context: attributes('PostDateTime', 'Message'),
    identity: [
      allow('dynamodb:*'),
      {
        Effect: 'Deny',
        Action: 'dynamodb:PutItem',
        Resource: thread,
        Condition: { 'ForAnyValue:StringEquals': attributes('ID', 'PostDateTime') },
      },
    ],
    expected: 'explicit deny in an identity-based policy',
  },
  {
    name: 'a write that a deny of attributes does not touch',
    source: 'IAM: Creating a condition with multiple keys or values',
    action: 'dynamodb:PutItem',
    context: attributes('UserName'),
    identity: [
      allow('dynamodb:*'),
      {
        Effect: 'Deny',
        Action: 'dynamodb:PutItem',
        Resource: thread,
        Condition: { 'ForAnyValue:StringEquals': attributes('ID', 'PostDateTime') },
      },
    ],
    expected: 'allowed',
  },
  {
    name: 'a device writes its own task: its session narrows a wide role',
    source: 'IAM: Policies and permissions in IAM, "Session policies"',
    action: 'dynamodb:UpdateItem',
    context: keys('taxi-1#shift'),
    identity: [allow('dynamodb:UpdateItem')],
    session: [when(guarded, 'dynamodb:UpdateItem')],
    expected: 'allowed',
  },
  {
    name: "a device does not write another's: the role would, its session does not",
    source: 'IAM: Policies and permissions in IAM, "Session policies"',
    action: 'dynamodb:UpdateItem',
    context: keys('taxi-2#shift'),
    identity: [allow('dynamodb:UpdateItem')],
    session: [when(guarded, 'dynamodb:UpdateItem')],
    expected: 'no session policy allows',
  },
  {
    name: 'a session can not widen its role',
    source: 'IAM: Policies and permissions in IAM, "Session policies"',
    action: 'dynamodb:DeleteItem',
    context: keys('taxi-1#shift'),
    identity: [allow('dynamodb:UpdateItem')],
    session: [allow('dynamodb:*', table)],
    expected: none,
  },
];
