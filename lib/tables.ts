import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { authorizeEnv, ticketEnv } from '../lambdas/access/env';
import { searchEnv } from '../lambdas/search/env';
import { tracksReadEnv, tracksWriteEnv } from '../lambdas/tracks/env';
import type { Environment } from './environments';
import type { ServiceFunction } from './service-function';

interface TableProps {
  environment: Environment;
}

interface Keys {
  partition: string;
  sort?: string;
  expires?: string;
  stream?: boolean;
}

function newTable(scope: Construct, { environment }: TableProps, { partition, sort, expires, stream }: Keys): Table {
  return new Table(scope, 'Table', {
    partitionKey: { name: partition, type: AttributeType.STRING },
    ...(sort !== undefined && { sortKey: { name: sort, type: AttributeType.STRING } }),
    ...(expires !== undefined && { timeToLiveAttribute: expires }),
    ...(stream && { stream: StreamViewType.NEW_AND_OLD_IMAGES }),
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: environment.keepsData,
    removalPolicy: environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}

/** One item a minute of a track. Its stream is the hub of every durable consumer. */
export class TracksTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    this.table = newTable(this, props, { partition: 'track', sort: 'minute', expires: 'expires', stream: true });
  }

  grantAppend(fn: ServiceFunction): void {
    fn.allow(['dynamodb:UpdateItem'], this.table.tableArn);
    fn.setEnvironment(tracksWriteEnv, { TRACKS_TABLE: this.table.tableName });
  }

  grantRead(fn: ServiceFunction): void {
    fn.allow(['dynamodb:Query'], this.table.tableArn);
    fn.setEnvironment(tracksReadEnv, { TRACKS_TABLE: this.table.tableName });
  }

  /** ARN of the stream of changes. */
  get changes(): string {
    if (this.table.tableStreamArn === undefined) throw new Error('The table `tracks` has no stream.');
    return this.table.tableStreamArn;
  }

  /** What an event source mapping needs to read the changes on the function's behalf. */
  grantChanges(fn: ServiceFunction): void {
    const actions = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
    fn.allow(
      actions.map((action) => `dynamodb:${action}`),
      this.changes,
    );
  }
}

/** One item a task: its statistics. */
export class RidesTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    this.table = newTable(this, props, { partition: 'owner', sort: 'ride' });
  }
}

/** The catalogue: one item a city-day. */
export class PartitionsTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    this.table = newTable(this, props, { partition: 'city', sort: 'day' });
  }

  grantCatalogue(fn: ServiceFunction): void {
    fn.allow(['dynamodb:UpdateItem'], this.table.tableArn);
    fn.setEnvironment(searchEnv, { PARTITIONS_TABLE: this.table.tableName });
  }

  grantRead(fn: ServiceFunction): void {
    fn.allow(['dynamodb:Query'], this.table.tableArn);
    fn.setEnvironment(searchEnv, { PARTITIONS_TABLE: this.table.tableName });
  }
}

/** Single-use tickets that open a WebSocket; gone after their minute. */
export class TicketsTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    this.table = newTable(this, props, { partition: 'ticket', expires: 'expires' });
  }

  grantIssue(fn: ServiceFunction): void {
    fn.allow(['dynamodb:PutItem'], this.table.tableArn);
    fn.setEnvironment(ticketEnv, { TICKETS_TABLE: this.table.tableName });
  }

  /** Redeeming a ticket deletes it and reads what it was, in one call. */
  grantRedeem(fn: ServiceFunction): void {
    fn.allow(['dynamodb:DeleteItem'], this.table.tableArn);
    fn.setEnvironment(authorizeEnv, { TICKETS_TABLE: this.table.tableName });
  }
}
