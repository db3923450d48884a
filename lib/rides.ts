import { FilterRule } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ridesEnv, ridesRowsEnv } from '../lambdas/rides/env';
import type { Archive, Failures } from './buckets';
import { consume } from './consumer';
import type { Environment } from './environments';
import type { HttpApi } from './http-api';
import type { PositionStream } from './position-stream';
import { ServiceFunction } from './service-function';
import type { RidesTable, TracksTable } from './tables';

export interface RidesProps {
  environment: Environment;
  api: HttpApi;
  follows: TracksTable;
  table: RidesTable;
  /** Where points go that devices wrote by themselves. */
  positions: PositionStream;
  archive: Archive;
  failures: Failures;
}

/** Keeps rides and the journal of what arrived as rows change, and answers for them. */
export class Rides extends Construct {
  readonly onRows: ServiceFunction;

  constructor(scope: Construct, id: string, props: RidesProps) {
    super(scope, id);
    this.onRows = this.addKeeper(props);
    this.addDoor(props);
  }

  private addKeeper({ environment, follows, table, positions, archive, failures }: RidesProps): ServiceFunction {
    const fn = new ServiceFunction(this, 'OnRows', {
      environment,
      entry: 'rides/on-rows',
      reads: ridesRowsEnv,
      description: 'Keeps statistics of rides, and the journal of what arrived',
      memoryMb: 1024,
      // An outage of a table is waited for within the function.
      timeoutSeconds: 900,
    });
    fn.setEnvironment(ridesRowsEnv, { RETENTION_DAYS: String(environment.retentionDays) });
    table.grantUse(fn, 'GetItem', 'PutItem', 'Query', 'UpdateItem');
    follows.grantRead(fn);
    follows.grantChanges(fn);
    // Rows that devices wrote by themselves: what can't stay is set aside and taken out, what is good goes on.
    follows.grantAppend(fn);
    archive.grantSetAside(fn);
    positions.grantPut(fn);
    consume(fn, {
      source: follows.changes,
      failures,
      startsAt: 'oldest',
      batch: 1000,
      windowSeconds: 1,
      maxAgeSeconds: 20 * 3600,
      // What expires stays counted. Rows of every kind are looked at: a device might have written one that it may not.
      filter: { eventName: FilterRule.or('INSERT', 'MODIFY') },
    });
    return fn;
  }

  private addDoor({ environment, api, table }: RidesProps): void {
    const fn = new ServiceFunction(this, 'OnRides', {
      environment,
      entry: 'rides/on-rides',
      reads: ridesEnv,
      description: 'Begins, finishes and answers rides',
      memoryMb: 512,
      timeoutSeconds: 29,
    });
    fn.setEnvironment(ridesEnv, { RETENTION_DAYS: String(environment.retentionDays) });
    table.grantUse(fn, 'GetItem', 'PutItem', 'Query', 'UpdateItem');
    api.route(fn, 'POST /v1/rides', 'POST /v1/rides/{task}/finish', 'GET /v1/rides', 'GET /v1/rides/{task}');
  }
}
