import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { CfnStreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { liveEnv } from '../lambdas/live/env';
import type { Failures } from './buckets';
import { consume } from './consumer';
import type { Environment } from './environments';
import type { HotStore } from './hot-store';
import type { PositionStream } from './position-stream';
import { ServiceFunction } from './service-function';
import type { SocketApi } from './socket-api';

export interface LiveProps {
  environment: Environment;
  socket: SocketApi;
  follows: PositionStream;
  hot: HotStore;
  failures: Failures;
}

/** Pushes positions to who is watching, as they come. */
export class Live extends Construct {
  readonly onPositions: ServiceFunction;

  constructor(scope: Construct, id: string, props: LiveProps) {
    super(scope, id);
    this.onPositions = this.addFunction(props, 'OnPositions', 'live/on-positions', 'Fans positions out', 60);
    this.follow(props);
    const onSocket = this.addFunction(props, 'OnSocket', 'live/on-socket', 'Subscriptions', 29);
    props.socket.route(onSocket, 'subscribe', 'unsubscribe', 'ping', '$default');
    props.socket.disconnectRoute(onSocket);
    const onSweep = this.addFunction(
      props,
      'OnSweep',
      'live/on-sweep',
      'Sweeps out what went silent, and flushes frames',
      75,
      // It runs most of every minute, waiting; nobody waits for it (docs/benchmarks.md).
      512,
    );
    new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      // The next minute sweeps what this one missed.
      targets: [new LambdaFunction(onSweep, { retryAttempts: 0 })],
    });
  }

  /** A reader of its own, pushed to at 2 MB/s a shard: half the delay of polling, and none taken from the others. */
  private follow({ follows, failures }: LiveProps): void {
    const consumer = new CfnStreamConsumer(this, 'Reader', {
      consumerName: `${Stack.of(this).stackName}-live`,
      streamArn: follows.stream.streamArn,
    });
    follows.grantRead(this.onPositions);
    this.onPositions.allow(['kinesis:SubscribeToShard'], consumer.attrConsumerArn);
    consume(this.onPositions, {
      source: consumer.attrConsumerArn,
      failures,
      startsAt: 'newest',
      batch: 500,
      // The function leaves out what is old: given up by age, it would fill the failures with what nobody misses.
      maxAgeSeconds: 20 * 3600,
    });
  }

  private addFunction(
    props: LiveProps,
    id: string,
    entry: string,
    description: string,
    seconds: number,
    memoryMb = 1024,
  ) {
    const { environment } = props;
    const fn = new ServiceFunction(this, id, {
      environment,
      entry,
      reads: liveEnv,
      description,
      memoryMb,
      timeoutSeconds: seconds,
    });
    fn.setEnvironment(liveEnv, {
      FRAMES_PER_SECOND: String(environment.live.framesPerSecond),
      STALE_AFTER_SECONDS: String(environment.live.staleAfterSeconds),
      PSEUDONYM_MINUTES: String(environment.live.pseudonymMinutes),
      PSEUDONYM_SILENCE_SECONDS: String(environment.live.pseudonymSilenceSeconds),
    });
    props.hot.grantUse(fn);
    props.socket.grantPost(fn, liveEnv);
    return fn;
  }
}
