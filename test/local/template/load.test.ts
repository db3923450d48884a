import type { Template } from '../../../local/model';
import type { Assembly } from '../../../local/template/assembly';
import { parseTemplate } from '../../../local/template/assembly';
import { loadTemplate } from '../../../local/template/load';

const addresses = { front: 4566, valkey: { host: '127.0.0.1', port: 6379 }, api: 4680 };

function load(...stacks: Record<string, unknown>[]): Template {
  const assembly: Assembly = {
    stacks: stacks.map((raw, index) => ({ name: `stack${index}`, region: undefined, template: parseTemplate(raw) })),
    assets: new Map(),
  };
  return loadTemplate(assembly, addresses);
}

/** What a function's environment variable holds after resolving. */
function value(expression: unknown, rest: Record<string, unknown> = {}, more: Record<string, unknown> = {}): unknown {
  const Fn = {
    Type: 'AWS::Lambda::Function',
    Properties: { Code: {}, Role: 'r', Environment: { Variables: { V: expression } } },
  };
  const template = load({ ...rest, Resources: { Fn, ...more } });
  const { Environment } = template.find('Fn').properties;
  return (Environment as { Variables: { V?: unknown } }).Variables.V;
}

const stream = { S: { Type: 'AWS::Kinesis::Stream', Properties: {} } };

test.each<[string, unknown, string]>([
  ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-central-1'],
  ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }, 'c']] }, 'a-aws-c'],
  [
    'Fn::Sub',
    { 'Fn::Sub': '${AWS::AccountId}/${S.Arn}/${!Kept}' },
    expect.stringMatching(/^0{12}\/arn:aws:kinesis:.*\/\$\{Kept\}$/),
  ],
  ['Fn::Sub with variables', { 'Fn::Sub': ['${x}!', { x: { Ref: 'AWS::StackName' } }] }, 'stack0!'],
  ['Fn::Select of Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['|', 'a|b|c'] }] }, 'b'],
  ['Fn::Select of Fn::GetAZs', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'eu-central-1a'],
  [
    'Fn::GetAtt',
    { 'Fn::GetAtt': ['S', 'Arn'] },
    expect.stringMatching(/^arn:aws:kinesis:eu-central-1:0{12}:stream\/stack0-S-/),
  ],
  ['Fn::If', { 'Fn::If': ['IsProd', 'yes', 'no'] }, 'no'],
  ['Fn::FindInMap', { 'Fn::FindInMap': ['M', { Ref: 'AWS::Partition' }, 'k'] }, 'mapped'],
  ['a parameter', { Ref: 'Size' }, 'small'],
  ['a parameter of the store', { Ref: 'Version' }, '99'],
])('%s is resolved', (_, expression, expected) => {
  const rest = {
    Parameters: {
      Size: { Type: 'String', Default: 'small' },
      Version: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/x/version' },
    },
    Conditions: { IsProd: { 'Fn::And': [{ 'Fn::Equals': [{ Ref: 'Size' }, 'large'] }, { 'Fn::Not': [false] }] } },
    Mappings: { M: { aws: { k: 'mapped' } } },
  };
  expect(value(expression, rest, stream)).toEqual(expected);
});

test('AWS::NoValue takes the property away', () => {
  expect(
    value({ 'Fn::If': ['C', 'x', { Ref: 'AWS::NoValue' }] }, { Conditions: { C: { 'Fn::Equals': [1, 2] } } }),
  ).toBe(undefined);
});

test('a dynamic reference gives the key of a generated secret, the same at each start', () => {
  const secret = {
    Salt: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { GenerateSecretString: { SecretStringTemplate: '{"user":"u"}', GenerateStringKey: 'password' } },
    },
  };
  const reference = (key: string) => ({
    'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Salt' }, `:SecretString:${key}::}}`]],
  });
  expect(value(reference('user'), {}, { ...secret })).toBe('u');
  const password = value(reference('password'), {}, { ...secret });
  expect(password).toMatch(/^[0-9a-f]{32}$/);
  expect(value(reference('password'), {}, { ...secret })).toBe(password);
});

test('a later stack imports what an earlier one exports', () => {
  const exported = {
    Resources: stream,
    Outputs: { O: { Value: { 'Fn::GetAtt': ['S', 'Arn'] }, Export: { Name: 'it' } } },
  };
  const importing = {
    Resources: {
      C: {
        Type: 'AWS::Kinesis::StreamConsumer',
        Properties: { ConsumerName: 'live', StreamARN: { 'Fn::ImportValue': 'it' } },
      },
    },
  };
  const template = load(exported, importing);
  expect(template.find('C').properties.StreamARN).toBe(template.outputs.stack0?.O);
  expect(template.find('C').ref).toBe(`${template.outputs.stack0?.O}/consumer/live:1735689600`);
  expect(() => load(importing)).toThrow('nothing exports it');
});

test('a resource whose condition does not hold is not there', () => {
  const template = load({
    Conditions: { C: { 'Fn::Equals': ['a', 'b'] } },
    Resources: { S: { Type: 'AWS::Kinesis::Stream', Condition: 'C' } },
  });
  expect(template.resources).toEqual([]);
});

test.each([
  ['an unknown type', { X: { Type: 'AWS::SQS::Queue' } }, 'stack0 X AWS::SQS::Queue: unknown type'],
  [
    'an unknown property',
    { S: { Type: 'AWS::Kinesis::Stream', Properties: { Speed: 3 } } },
    'stack0 S AWS::Kinesis::Stream Speed: unknown property',
  ],
  [
    'an unknown nested property',
    { S: { Type: 'AWS::Kinesis::Stream', Properties: { StreamModeDetails: { StreamMode: 'ON_DEMAND', Warm: 1 } } } },
    'stack0 S AWS::Kinesis::Stream StreamModeDetails.Warm: unknown property',
  ],
  [
    'an unknown property of a type that only gives an address',
    { D: { Type: 'AWS::OpenSearchService::Domain', Properties: { Fast: true } } },
    'stack0 D AWS::OpenSearchService::Domain Fast: unknown property',
  ],
  [
    'an unknown attribute',
    {
      S: { Type: 'AWS::Kinesis::Stream', Properties: { Name: { 'Fn::GetAtt': ['T', 'Nope'] } } },
      T: { Type: 'AWS::Kinesis::Stream' },
    },
    'T.Nope is not known',
  ],
  [
    'an unknown intrinsic function',
    { S: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: { 'Fn::Length': [] } } } },
    'Fn::Length is not known',
  ],
  [
    'a reference to nothing',
    { S: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: { Ref: 'Gone' } } } },
    'Ref Gone is not a resource',
  ],
])('%s is an error that names it', (_, Resources, message) => {
  expect(() => load({ Resources })).toThrow(message);
});

test('types without local meaning are taken as they are', () => {
  const template = load({ Resources: { V: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } } } });
  expect(template.find('V').properties).toEqual({ CidrBlock: '10.0.0.0/16' });
});
