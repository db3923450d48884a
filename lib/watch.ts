import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { DataStack } from './data-stack';
import type { Environment } from './environments';
import type { HttpApi } from './http-api';
import { ServiceFunction } from './service-function';
import type { SocketApi } from './socket-api';

export interface WatchProps {
  environment: Environment;
  data: DataStack;
  api: HttpApi;
  socket: SocketApi;
  /** What reads streams: its delay is watched. */
  consumers: readonly ServiceFunction[];
}

const minute = Duration.minutes(1);

/** Alarms, the topic that they go to, and one dashboard. */
export class Watch extends Construct {
  private readonly action: SnsAction;

  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    this.action = new SnsAction(this.addTopic(props.environment));
    const functions = Stack.of(this)
      .node.findAll()
      .filter((each) => each instanceof ServiceFunction);
    for (const fn of functions) this.watchFunction(fn, props.environment);
    const throttles = LambdaFunction.metricAllThrottles({ period: minute });
    this.alarm('functions-throttled', throttles, 1, 5, 'Functions are throttled: the account runs as many as it may');
    for (const fn of props.consumers) this.watchDelay(fn);
    this.watchApis(props);
    this.watchData(props.data);
    this.addDashboard(props, functions);
  }

  private addTopic(environment: Environment): Topic {
    const topic = new Topic(this, 'Alarms', { displayName: `Waystream ${environment.name}`, enforceSSL: true });
    // A policy of its own takes the place of the one that let the account's alarms in.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    for (const address of environment.alarmEmails) topic.addSubscription(new EmailSubscription(address));
    return topic;
  }

  /** Only a function with a concurrency of its own can be throttled while others are not. */
  private watchFunction(fn: ServiceFunction, { reservedConcurrency }: Environment): void {
    const name = fn.entry.replace('/on-', '-');
    this.alarm(`${name}-errors`, fn.metricErrors({ period: minute }), 5, 5, `${fn.entry} fails`);
    if (reservedConcurrency[fn.entry] === undefined) return;
    this.alarm(`${name}-throttles`, fn.metricThrottles({ period: minute }), 1, 5, `${fn.entry} is throttled`);
  }

  private watchDelay(fn: ServiceFunction): void {
    const age = fn.metric('IteratorAge', { period: minute, statistic: 'Maximum' });
    const what = `${fn.entry} is more than a minute behind`;
    this.alarm(`${fn.entry.replace('/on-', '-')}-delay`, age, 60_000, 5, what);
  }

  private watchApis({ api, socket }: WatchProps): void {
    this.alarm('http-5xx', api.api.metricServerError({ period: minute }), 5, 5, 'The HTTP API answers 5xx');
    for (const name of ['ExecutionError', 'IntegrationError']) {
      const metric = socket.api.metric(name, { period: minute, statistic: 'Sum' });
      this.alarm(`socket-${name}`, metric, 5, 5, `The WebSocket API has ${name}`);
    }
  }

  private watchData(data: DataStack): void {
    const refused = data.positions.stream.metricWriteProvisionedThroughputExceeded({
      period: minute,
      statistic: 'Sum',
    });
    this.alarm('stream-full', refused, 1, 5, 'The stream refuses records: it has too few shards');
    const kept = data.failures.metricKept();
    this.alarm('failures', kept, 1, 1, 'Failed records lie in the failures bucket: mend the cause, then redrive them');
    this.alarm('valkey-throttled', data.hot.metricThrottled(minute), 1, 5, 'Valkey is at its limits');
    const waiting = new Metric({
      ...{ namespace: 'Waystream', metricName: 'handedBack', dimensionsMap: { area: 'tracks' } },
      ...{ period: minute, statistic: 'Sum' },
    });
    // Records that go back to the stream are young again: the consumer's delay does not tell.
    this.alarm('tracks-waiting', waiting, 1, 3, 'The tracks table takes nothing: positions wait in their stream');
    const wrong = new Metric({
      ...{ namespace: 'Waystream', metricName: 'directRefused', dimensionsMap: { area: 'rides' } },
      ...{ period: minute, statistic: 'Sum' },
    });
    this.alarm('direct-refused', wrong, 100, 5, 'Devices write much by themselves that can’t stay: see refused/ in S3');
    if (data.domain) this.alarm('search-red', data.domain.metricRed(minute), 1, 5, 'The search domain lost a shard');
  }

  /** Sounds when the metric is at the threshold or above in most of so many periods. */
  private alarm(id: string, metric: Metric, threshold: number, periods: number, description: string): void {
    const props: AlarmProps = {
      metric,
      threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: Math.ceil(periods / 2),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: description,
    };
    new Alarm(this, id, props).addAlarmAction(this.action);
  }

  private addDashboard({ data, api, consumers }: WatchProps, functions: readonly ServiceFunction[]): void {
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12, height: 6 });
    const each = (metric: (fn: ServiceFunction) => Metric) =>
      functions.map((fn) => metric(fn).with({ label: fn.entry }));
    new Dashboard(this, 'Dashboard').addWidgets(
      graph('Requests', [api.api.metricCount({ period: minute }), api.api.metricServerError({ period: minute })]),
      graph('Latency, 99th percentile (ms)', [api.api.metricLatency({ period: minute, statistic: 'p99' })]),
      graph('Records in', [data.positions.stream.metricIncomingRecords({ period: minute, statistic: 'Sum' })]),
      graph(
        'Delay of the consumers (ms)',
        consumers.map((fn) => fn.metric('IteratorAge', { statistic: 'Maximum', label: fn.entry, period: minute })),
      ),
      graph(
        'Errors',
        each((fn) => fn.metricErrors({ period: minute })),
      ),
      graph(
        'Throttles',
        each((fn) => fn.metricThrottles({ period: minute })),
      ),
      graph(
        'Duration, 99th percentile (ms)',
        each((fn) => fn.metricDuration({ period: minute, statistic: 'p99' })),
      ),
      graph('Valkey at its limits', [data.hot.metricThrottled(minute)]),
      graph('Failed batches kept', [data.failures.metricKept()]),
    );
  }
}
