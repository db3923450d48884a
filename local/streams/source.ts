import type { Bell } from './bell';

/** A record of a stream, in the form in which its function gets it. */
export interface StreamRecord {
  sequence: string;
  /** records of one key keep their order, whatever the parallelism */
  key: string;
  /** epoch milliseconds at which the stream took it */
  at: number;
  /** size of `event` as JSON */
  bytes: number;
  event: unknown;
  /** what filter patterns are matched against */
  filterable: unknown;
}

export interface Shard {
  id: string;
  parentIds: readonly string[];
}

/** Where to read from: the start, the end, or after a record. */
export type Position = { from: 'TRIM_HORIZON' | 'LATEST' } | { after: string };

export interface Page {
  records: StreamRecord[];
  /** absent when the shard is closed and read to its end */
  next: string | undefined;
}

/** A stream that a mapping reads. Every method rejects when the engine is away. */
export interface Source {
  /** `Kinesis` or `DDBStream`: how the failure object names its batch */
  kind: 'Kinesis' | 'DDBStream';
  /** ARN in the template: what the function sees */
  arn: string;
  /** pause after a read that did not fill its page, in milliseconds */
  pollMs: number;
  /** rung by writes; without one, the stream is read every `pollMs` */
  bell?: Bell;
  /** why it is not read, for an operator to mend */
  problem?(): string | undefined;
  shards(signal: AbortSignal): Promise<Shard[]>;
  iterator(shardId: string, position: Position, signal: AbortSignal): Promise<string>;
  read(shardId: string, iterator: string, signal: AbortSignal): Promise<Page>;
}

/** What a source needs to know about its surroundings. `engine` may change when the engine restarts. */
export interface SourceOptions {
  engine(): string;
  arn: string;
  region: string;
  roleArn: string;
  bell?: Bell;
  /** told of what was read: the records' number, and the bytes of their data */
  consumed(records: number, bytes: number): void;
}
