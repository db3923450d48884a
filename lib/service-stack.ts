import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Access } from './access';
import { Console } from './console';
import { Correction } from './correction';
import { Credentials } from './credentials';
import type { DataStack } from './data-stack';
import { Devices } from './devices';
import type { Environment } from './environments';
import { Files } from './files';
import { HttpApi } from './http-api';
import { Ingest } from './ingest';
import { Latest } from './latest';
import { Live } from './live';
import { Reference } from './reference';
import { Rides } from './rides';
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
    const {
      positions,
      hot,
      tracks: table,
      rides,
      archive,
      failures,
      identity,
      partitions,
      domain,
      tickets,
      deviceKeys: keys,
    } = data;

    const console = new Console(this, 'Console');
    const api = new HttpApi(this, 'Http', { environment, identity, origins: [console.url] });
    const socket = new SocketApi(this, 'Socket', { environment });
    new Access(this, 'Access', { environment, api, socket, tickets, identity });

    new Devices(this, 'Devices', { environment, api, keys });

    new Ingest(this, 'Ingest', { environment, api, socket, positions, hot, keys });
    const live = new Live(this, 'Live', { environment, socket, follows: positions, hot, failures });
    new Latest(this, 'Latest', { environment, api, hot, tracks: table });
    const tracks = new Tracks(this, 'Tracks', { environment, api, follows: positions, table, rides, hot, failures });
    const search = new Search(this, 'Search', {
      environment,
      api,
      socket,
      follows: table,
      partitions,
      domain,
      failures,
    });

    const ridesKept = new Rides(this, 'Rides', {
      environment,
      api,
      follows: table,
      table: rides,
      positions,
      archive,
      failures,
    });

    const correction = new Correction(this, 'Correction', { environment, follows: rides, tracks: table, failures });

    new Credentials(this, 'Credentials', { environment, api, tracks: table, rides });

    new Files(this, 'Files', { environment, api, positions, origins: [console.url] });

    new Reference(this, 'Reference', { environment, api, socket });
    console.publish(api, socket);

    const consumers = [
      live.onPositions,
      tracks.onPositions,
      ridesKept.onRows,
      correction.onJournal,
      ...(search.onRows ? [search.onRows] : []),
    ];
    new Watch(this, 'Watch', { environment, data, api, socket, consumers });

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'SocketUrl', { value: socket.url });
    new CfnOutput(this, 'ConsoleUrl', { value: console.url });
    new CfnOutput(this, 'UserPoolId', { value: identity.pool.userPoolId });
    new CfnOutput(this, 'UserPoolClientId', { value: identity.audience });
    new CfnOutput(this, 'ArchiveBucket', { value: archive.bucket.bucketName });
    new CfnOutput(this, 'FailuresBucket', { value: failures.bucket.bucketName });
  }
}
