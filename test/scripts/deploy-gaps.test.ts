import { fitTemplate } from '../../scripts/deploy-check/gaps';

const cache = { Type: 'AWS::ElastiCache::ServerlessCache', Properties: {} };
const told = (value: unknown) => ({ Type: 'AWS::Lambda::Function', Properties: { Environment: value } });

const fitted = (Resources: Record<string, object>, Parameters?: object) =>
  fitTemplate({ Resources, ...(Parameters && { Parameters }) });

test('what the emulator can’t make is left out, with the reason, and who refers to it gets a stand-in', () => {
  const { template, notes } = fitted({
    Cache: cache,
    Fn: told({ 'Fn::Join': [':', [{ 'Fn::GetAtt': ['Cache', 'Endpoint.Address'] }, { Ref: 'Cache' }]] }),
  });
  expect(template.Resources).toEqual({ Fn: told({ 'Fn::Join': [':', ['127.0.0.1', 'cache']] }) });
  expect(notes).toEqual([expect.stringMatching(/^AWS::ElastiCache::ServerlessCache: it has no cache/)]);
});

test('a consumer’s stand-in is the stream that it reads', () => {
  const arn = { 'Fn::GetAtt': ['Stream', 'Arn'] };
  const { template } = fitted({
    Consumer: { Type: 'AWS::Kinesis::StreamConsumer', Properties: { StreamARN: arn } },
    Fn: told({ 'Fn::GetAtt': ['Consumer', 'ConsumerARN'] }),
  });
  expect(template.Resources).toEqual({ Fn: told(arn) });
});

test('nothing waits for what is left out, and what is left is as it was', () => {
  const { template } = fitted({
    Cache: cache,
    Table: { Type: 'AWS::DynamoDB::Table' },
    Fn: { ...told('x'), DependsOn: ['Cache', 'Table'] },
  });
  expect(template.Resources).toEqual({
    Table: { Type: 'AWS::DynamoDB::Table' },
    Fn: { ...told('x'), DependsOn: ['Table'] },
  });
});

test('several of a kind are one line', () => {
  const rule = { Type: 'AWS::EC2::SecurityGroupIngress' };
  expect(fitted({ A: rule, B: rule }).notes).toEqual([expect.stringMatching(/^2 × AWS::EC2::SecurityGroupIngress/)]);
});

test('the parameter that names the newest image goes with the machine', () => {
  const Parameters = {
    Image: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>' },
    Version: { Type: 'String' },
  };
  expect(fitted({}, Parameters).template.Parameters).toEqual({ Version: { Type: 'String' } });
});

test('a reference without a stand-in is an error that names it', () => {
  const unknown = { 'Fn::GetAtt': ['Cache', 'SecurityGroupIds'] };
  expect(() => fitted({ Cache: cache, Fn: told(unknown) })).toThrow(/Cache.SecurityGroupIds is left out/);
});
