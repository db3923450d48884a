import { RemovalPolicy } from 'aws-cdk-lib';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { ingestEnv } from '../lambdas/ingest/env';
import type { Environment } from './environments';
import type { Network } from './network';
import type { ServiceFunction } from './service-function';

/** The stream `positions`: what ingest accepted, partitioned by device. */
export class PositionStream extends Construct {
  readonly stream: Stream;

  constructor(scope: Construct, id: string, props: { environment: Environment; network: Network }) {
    super(scope, id);
    const { environment, network } = props;
    const { stream } = environment;
    this.stream = new Stream(this, 'Stream', {
      encryption: StreamEncryption.MANAGED,
      removalPolicy: environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(stream.mode === 'provisioned'
        ? { streamMode: StreamMode.PROVISIONED, shardCount: stream.shards }
        : { streamMode: StreamMode.ON_DEMAND }),
    });
    network.letOut(this.stream.streamArn);
  }

  grantPut(fn: ServiceFunction): void {
    fn.allow(['kinesis:PutRecords'], this.stream.streamArn);
    fn.setEnvironment(ingestEnv, { POSITIONS_STREAM: this.stream.streamName });
  }

  /** What an event source mapping needs to read the stream on the function's behalf. */
  grantRead(fn: ServiceFunction): void {
    fn.allow(
      [
        'kinesis:DescribeStream',
        'kinesis:DescribeStreamSummary',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
      ],
      this.stream.streamArn,
    );
  }
}
