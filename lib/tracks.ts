import { Construct } from 'constructs';
import { tracksReadEnv, tracksWriteEnv } from '../lambdas/tracks/env';
import type { Failures } from './buckets';
import { consume } from './consumer';
import type { Environment } from './environments';
import type { HotStore } from './hot-store';
import type { HttpApi } from './http-api';
import type { PositionStream } from './position-stream';
import { ServiceFunction } from './service-function';
import type { RidesTable, TracksTable } from './tables';

export interface TracksProps {
  environment: Environment;
  api: HttpApi;
  follows: PositionStream;
  table: TracksTable;
  rides: RidesTable;
  hot: HotStore;
  failures: Failures;
}

/** Writes positions to their tracks, and reads tracks. */
export class Tracks extends Construct {
  readonly onPositions: ServiceFunction;

  constructor(scope: Construct, id: string, props: TracksProps) {
    super(scope, id);
    this.onPositions = this.addWriter(props);
    this.addReader(props);
  }

  private addWriter({ environment, follows, table, failures }: TracksProps): ServiceFunction {
    const fn = new ServiceFunction(this, 'OnPositions', {
      environment,
      entry: 'tracks/on-positions',
      reads: tracksWriteEnv,
      description: 'Writes positions to their tracks',
      memoryMb: 1024,
      // An outage of the table is waited for within the function; how long, `lambdas/tracks/outlast.ts` says.
      timeoutSeconds: 900,
    });
    fn.setEnvironment(tracksWriteEnv, { RETENTION_DAYS: String(environment.retentionDays) });
    table.grantAppend(fn);
    follows.grantRead(fn);
    // What an outage keeps waiting goes back to the end of the stream.
    follows.grantPut(fn);
    consume(fn, {
      source: follows.stream.streamArn,
      failures,
      startsAt: 'oldest',
      batch: 1000,
      windowSeconds: environment.tracksWindowSeconds,
      // The stream forgets after a day: what could not be written by then is kept in S3 instead.
      maxAgeSeconds: 20 * 3600,
    });
    return fn;
  }

  private addReader({ environment, api, table, rides, hot }: TracksProps): void {
    const fn = new ServiceFunction(this, 'OnRead', {
      environment,
      entry: 'tracks/on-read',
      reads: tracksReadEnv,
      description: 'Reads tracks',
      memoryMb: 1024,
      timeoutSeconds: 29,
    });
    table.grantRead(fn);
    rides.grantUse(fn, 'Query');
    hot.grantUse(fn);
    api.route(fn, 'GET /v1/devices/{id}/tracks', 'GET /v1/tracks/{owner}/{task}');
  }
}
