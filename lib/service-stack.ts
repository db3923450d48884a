import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Access } from './access';
import { Console } from './console';
import type { DataStack } from './data-stack';
import type { Environment } from './environments';
import { HttpApi } from './http-api';
import { Ingest } from './ingest';
import { Latest } from './latest';
import { Live } from './live';
import { Reference } from './reference';
import { Search } from './search';
import { SocketApi } from './socket-api';
import { Tracks } from './tracks';
import { Watch } from './watch';

export interface ServiceStackProps {
  environment: Environment;
  data: DataStack;
}

/** What runs. Read it from top to bottom and you have travelled with a position. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { environment, data }: ServiceStackProps) {
    super(scope, id);
    const { positions, hot, tracks: table, failures, identity, partitions, domain, tickets } = data;

    const console = new Console(this, 'Console');
    const api = new HttpApi(this, 'Http', { environment, identity, origins: [console.url] });
    const socket = new SocketApi(this, 'Socket', { environment });
    new Access(this, 'Access', { environment, api, socket, tickets, identity });

    new Ingest(this, 'Ingest', { environment, api, socket, positions, hot });
    const live = new Live(this, 'Live', { environment, socket, follows: positions, hot, failures });
    new Latest(this, 'Latest', { environment, api, hot });
    const tracks = new Tracks(this, 'Tracks', { environment, api, follows: positions, table, hot, failures });
    const search = new Search(this, 'Search', {
      environment,
      api,
      socket,
      follows: table,
      partitions,
      domain,
      failures,
    });

    new Reference(this, 'Reference', { environment, api, socket });
    console.publish(api, socket);

    const consumers = [live.onPositions, tracks.onPositions, ...(search.onRows ? [search.onRows] : [])];
    new Watch(this, 'Watch', { environment, data, api, socket, consumers });

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'SocketUrl', { value: socket.url });
    new CfnOutput(this, 'ConsoleUrl', { value: console.url });
    new CfnOutput(this, 'UserPoolId', { value: identity.pool.userPoolId });
    new CfnOutput(this, 'UserPoolClientId', { value: identity.audience });
    new CfnOutput(this, 'ArchiveBucket', { value: data.archive.bucket.bucketName });
    new CfnOutput(this, 'FailuresBucket', { value: failures.bucket.bucketName });
  }
}
