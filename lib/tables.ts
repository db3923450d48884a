import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { authorizeEnv, ticketEnv } from '../lambdas/access/env';
import { writableAttributes } from '../lambdas/contract/credentials';
import { correctionEnv } from '../lambdas/correction/env';
import { credentialsEnv } from '../lambdas/credentials/env';
import { devicesEnv } from '../lambdas/devices/env';
import { appEnv } from '../lambdas/ingest/env';
import { ridesEnv } from '../lambdas/rides/env';
import { searchEnv } from '../lambdas/search/env';
import { tracksReadEnv, tracksWriteEnv } from '../lambdas/tracks/env';
import type { Environment, TableCapacity } from './environments';
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

/** @param billing by the request, as suits what a client needs once a session or less; or by a capacity */
function newTable(
  scope: Construct,
  { environment }: TableProps,
  { partition, sort, expires, stream }: Keys,
  billing: Environment['tables'] = 'on-demand',
): Table {
  const table = new Table(scope, 'Table', {
    partitionKey: { name: partition, type: AttributeType.STRING },
    ...(sort !== undefined && { sortKey: { name: sort, type: AttributeType.STRING } }),
    ...(expires !== undefined && { timeToLiveAttribute: expires }),
    ...(stream && { stream: StreamViewType.NEW_AND_OLD_IMAGES }),
    ...(billing === 'on-demand'
      ? { billingMode: BillingMode.PAY_PER_REQUEST }
      : { readCapacity: billing.reads.least, writeCapacity: billing.writes.least }),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: environment.keepsData,
    removalPolicy: environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  if (billing !== 'on-demand') followLoad(table, billing);
  return table;
}

function followLoad(table: Table, { reads, writes, usedPercent }: TableCapacity): void {
  const used = { targetUtilizationPercent: usedPercent };
  table.autoScaleReadCapacity({ minCapacity: reads.least, maxCapacity: reads.most }).scaleOnUtilization(used);
  table.autoScaleWriteCapacity({ minCapacity: writes.least, maxCapacity: writes.most }).scaleOnUtilization(used);
}

/** A table whose changes others follow. */
abstract class StreamedTable extends Construct {
  abstract readonly table: Table;

  /** ARN of the stream of changes. */
  get changes(): string {
    if (this.table.tableStreamArn === undefined) throw new Error(`The table of ${this.node.path} has no stream.`);
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

/** One item a minute of a track. Its stream is the hub of every durable consumer. */
export class TracksTable extends StreamedTable {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    const keys = { partition: 'track', sort: 'minute', expires: 'expires', stream: true };
    this.table = newTable(this, props, keys, props.environment.tables);
  }

  grantAppend(fn: ServiceFunction): void {
    fn.allow(['dynamodb:UpdateItem'], this.table.tableArn);
    fn.setEnvironment(tracksWriteEnv, { TRACKS_TABLE: this.table.tableName });
  }

  grantRead(fn: ServiceFunction): void {
    fn.allow(['dynamodb:Query'], this.table.tableArn);
    fn.setEnvironment(tracksReadEnv, { TRACKS_TABLE: this.table.tableName });
  }

  /** Reading raw rows, and writing corrected ones beside them. */
  grantCorrect(fn: ServiceFunction): void {
    fn.allow(['dynamodb:Query', 'dynamodb:PutItem'], this.table.tableArn);
    fn.setEnvironment(correctionEnv, { TRACKS_TABLE: this.table.tableName });
  }

  /**
   * What sessions of devices may do at the most: write points to rows of some track, never to the registry, whose keys
   * have no `#`. Each session's own policy names its one track.
   */
  grantDirectWrite(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['dynamodb:UpdateItem'],
        resources: [this.table.tableArn],
        conditions: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['?*#?*'], 'dynamodb:Attributes': writableAttributes },
          Null: {
            'dynamodb:LeadingKeys': 'false',
            'dynamodb:Attributes': 'false',
            'dynamodb:EnclosingOperation': 'true',
          },
          StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
          Bool: { 'aws:SecureTransport': 'true' },
        },
      }),
    );
  }
}

/** One item a task: its statistics; beside it the journal of what arrived, whose stream is read by correction. */
export class RidesTable extends StreamedTable {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    const keys = { partition: 'owner', sort: 'ride', expires: 'expires', stream: true };
    this.table = newTable(this, props, keys, props.environment.tables);
  }

  /** What a function does with rides and journals, by key. */
  grantUse(fn: ServiceFunction, ...actions: readonly ('GetItem' | 'Query' | 'PutItem' | 'UpdateItem')[]): void {
    fn.allow(
      actions.map((action) => `dynamodb:${action}`),
      this.table.tableArn,
    );
    fn.setEnvironment(ridesEnv, { RIDES_TABLE: this.table.tableName });
  }

  /** Whether a device's task exists, and how much of what it wrote by itself could not stay. */
  grantStanding(fn: ServiceFunction): void {
    fn.allow(['dynamodb:GetItem', 'dynamodb:Query'], this.table.tableArn);
    fn.setEnvironment(credentialsEnv, { RIDES_TABLE: this.table.tableName });
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

/** Keys that apps on phones sign in with: one item a key, under its device, with a digest in place of the secret. */
export class DeviceKeysTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    this.table = newTable(this, props, { partition: 'device', sort: 'key' });
  }

  grantManage(fn: ServiceFunction): void {
    fn.allow(['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query'], this.table.tableArn);
    fn.setEnvironment(devicesEnv, { KEYS_TABLE: this.table.tableName });
  }

  grantCheck(fn: ServiceFunction): void {
    fn.allow(['dynamodb:GetItem'], this.table.tableArn);
    fn.setEnvironment(appEnv, { KEYS_TABLE: this.table.tableName });
  }
}
