import { AwsSolutionsChecks } from 'cdk-nag';
import { ingestEnv } from '../../lambdas/ingest/env';
import { waystream } from '../../lib/app';
import { environments } from '../../lib/environments';
import { ServiceFunction } from '../../lib/service-function';
import { newApp } from './make';
import { environmentNames, synthesize } from './synthesize';

/** Properties that give a resource a name, by type: those that CloudFormation demands. */
const demanded: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Api': 'Name',
  'AWS::ApiGatewayV2::Authorizer': 'Name',
  'AWS::ApiGatewayV2::Stage': 'StageName',
  'AWS::ApplicationAutoScaling::ScalingPolicy': 'PolicyName',
  'AWS::Cognito::UserPoolGroup': 'GroupName',
  'AWS::ElastiCache::ServerlessCache': 'ServerlessCacheName',
  'AWS::ElastiCache::User': 'UserName',
  'AWS::ElastiCache::UserGroup': 'UserGroupId',
  'AWS::IAM::Policy': 'PolicyName',
  'AWS::Kinesis::StreamConsumer': 'ConsumerName',
  'AWS::Logs::ResourcePolicy': 'PolicyName',
};
const naming =
  /^((Bucket|Table|Function|Role|Topic|Domain|Alarm|Dashboard|LogGroup|Rule|Stream|UserPool|Client|Group|Policy|Stage|Consumer|User|ServerlessCache|Launch\w*)Name|Name|UserGroupId)$/;

describe.each(environmentNames)('%s', (env) => {
  const stacks = synthesize(env);

  test('names nothing that CloudFormation can name', () => {
    const named = stacks.resources.flatMap(({ Type, Properties }) =>
      Object.keys(Properties)
        .filter((name) => naming.test(name) && demanded[Type] !== name)
        .filter((name) => typeof Properties[name] === 'string')
        .map((name) => `${Type} ${name}`),
    );
    expect(named).toEqual([]);
  });

  test('keeps what holds data and what runs apart, and refers one way', () => {
    expect(stacks.text.Data).not.toContain('Fn::ImportValue');
    expect(stacks.text.Service).toContain('Fn::ImportValue');
    const holding = /^AWS::(DynamoDB|Kinesis::Stream$|ElastiCache|OpenSearch|EC2|Cognito)/;
    expect(stacks.resources.filter(({ Type, stack }) => holding.test(Type) && stack !== 'Data')).toEqual([]);
    expect(stacks.functions().every(({ stack }) => stack === 'Service')).toBe(true);
  });

  test('tells where it is', () => {
    const told = ['ApiUrl', 'ConsoleUrl', 'SocketUrl', 'UserPoolClientId', 'UserPoolId'];
    expect(stacks.outputs).toEqual(expect.arrayContaining(told));
  });

  test('has no finding of the AwsSolutions rules that is not acknowledged with its reason', () => {
    const app = newApp({ env });
    waystream(app);
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    const found = violations.map(({ ruleName, violatingResources }) => ({
      ruleName,
      at: violatingResources?.map(({ constructPath }) => constructPath),
    }));
    expect(found).toEqual([]);
  });

  test('alarms on errors of each function, on throttles of all and of each with a limit of its own, and on each consumer’s delay', () => {
    const alarms = stacks.ofType('AWS::CloudWatch::Alarm');
    const on = (metric: string) => alarms.filter(({ Properties }) => Properties.MetricName === metric).length;
    const functions = stacks.functions().length;
    const limited = stacks
      .functions()
      .filter(({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined);
    expect([on('Errors'), on('Throttles'), on('IteratorAge')]).toEqual([functions, limited.length + 1, 5]);
    const others = ['5xx', 'NumberOfObjects', 'ThrottledCmds', 'handedBack', 'directRefused'];
    expect(others.map(on)).toEqual([1, 1, 1, 1, 1]);
  });

  test('sends each alarm to the topic, which CloudWatch may publish to', () => {
    const topic = stacks.one('AWS::SNS::Topic');
    for (const { Properties } of stacks.ofType('AWS::CloudWatch::Alarm')) {
      expect(Properties.AlarmActions).toEqual([{ Ref: topic.id }]);
    }
    expect(JSON.stringify(stacks.one('AWS::SNS::TopicPolicy').Properties)).toContain('cloudwatch.amazonaws.com');
  });

  test('has one dashboard', () => {
    expect(stacks.ofType('AWS::CloudWatch::Dashboard')).toHaveLength(1);
  });
});

describe('without a search domain', () => {
  const stacks = synthesize('dev', { search: 'none' });

  test('nothing is indexed', () => {
    expect(stacks.ofType('AWS::OpenSearchService::Domain')).toEqual([]);
    expect(stacks.functions().map((fn) => stacks.entry(fn))).not.toContain('search/on-rows');
    expect(stacks.ofType('AWS::Lambda::EventSourceMapping')).toHaveLength(4);
  });

  test('searches are answered still, and are told that there is no domain', () => {
    for (const entry of ['search/on-search', 'search/on-socket']) {
      expect(stacks.function(entry).Properties.Environment).toMatchObject({ Variables: { SEARCH_ENDPOINT: '' } });
      expect(stacks.statements(entry).flatMap(({ Action }) => Action)).not.toContain('es:ESHttpPost');
    }
  });
});

describe('the app refuses', () => {
  test('an environment that there is not, naming those that there are', () => {
    const app = newApp({ env: 'production' });
    expect(() => waystream(app)).toThrow(
      'Name the environment with -c env=…, one of dev, staging, prod; got production.',
    );
    expect(() => waystream(newApp({}))).toThrow('got none');
  });

  test('a size of search that it does not know', () => {
    expect(() => waystream(newApp({ env: 'dev', search: 'huge' }))).toThrow('-c search=… takes only "none", got huge.');
  });

  test('a function whose bundle is missing, and says how to make it', () => {
    expect(() => waystream(newApp({ env: 'dev', bundles: 'nowhere' }))).toThrow(
      /on-ticket\.ts is missing .*npm run bundle/,
    );
  });

  const twin = { entry: 'ingest/on-report', reads: ingestEnv, description: '', memoryMb: 128, timeoutSeconds: 1 };

  test('a function that is not told all that its handler reads', () => {
    const app = newApp({ env: 'dev' });
    const { service } = waystream(app);
    new ServiceFunction(service, 'Twin', { ...twin, environment: environments.dev });
    expect(() => app.synth()).toThrow(/ingest\/on-report: POSITIONS_STREAM is read by its handler and not set/);
  });

  test('a function that is told what its handler can’t read', () => {
    const app = newApp({ env: 'dev' });
    const { service } = waystream(app);
    const fn = new ServiceFunction(service, 'Twin', { ...twin, environment: environments.dev });
    fn.setEnvironment(ingestEnv, { DEVICE_RATE: 'many' });
    expect(() => app.synth()).toThrow(/ingest\/on-report: DEVICE_RATE: /);
  });
});
