import { setTimeout as sleep } from 'node:timers/promises';
import {
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import { Breaker } from './breaker';

/** A record of a stream. */
export interface StreamRecord {
  partitionKey: string;
  data: Uint8Array;
}

/** Not everything could be written; what was, may be written again. */
export class StreamUnavailable extends Error {
  override readonly name = 'StreamUnavailable';
}

/** Most records of one call. Source: PutRecords, Kinesis API reference. */
const RECORDS_AT_ONCE = 500;
const ATTEMPTS = 4;
const BACKOFF_MS = 50;
/** All attempts together. */
const DEADLINE_MS = 5_000;

/** After two calls without an answer callers are turned away for so long: they would only wait as well. */
const OPEN_MS = 2_000;

/** Writes records to a stream and answers when all of them are durable. */
export class StreamWriter {
  private readonly breaker: Breaker;
  private readonly deadlineMs: number;

  constructor(
    private readonly client: KinesisClient,
    private readonly stream: string,
    { deadlineMs = DEADLINE_MS, now = Date.now }: { deadlineMs?: number; now?: () => number } = {},
  ) {
    this.deadlineMs = deadlineMs;
    this.breaker = new Breaker({ threshold: 2, openMs: OPEN_MS, now });
  }

  /**
   * One call for up to 500 records; records that the call refused (a shard at its limit) are sent again alone.
   * @throws StreamUnavailable where some could not be written; at once while the stream is known to be away
   */
  async put(records: readonly StreamRecord[]): Promise<void> {
    if (!this.breaker.allows()) throw new StreamUnavailable('the stream was away a moment ago');
    const signal = AbortSignal.timeout(this.deadlineMs);
    for (let first = 0; first < records.length; first += RECORDS_AT_ONCE) {
      await this.putSome(records.slice(first, first + RECORDS_AT_ONCE), signal);
    }
  }

  private async putSome(records: readonly StreamRecord[], signal: AbortSignal): Promise<void> {
    let rest = records.map(
      ({ partitionKey, data }): PutRecordsRequestEntry => ({ PartitionKey: partitionKey, Data: data }),
    );
    let refused: string | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // Spread over time, so that writers that were refused together don't come back together.
      if (attempt > 0) await sleep(BACKOFF_MS * 2 ** attempt * (0.5 + Math.random() / 2));
      const results = await this.send(rest, signal);
      refused = results.find((result) => result.ErrorCode !== undefined)?.ErrorCode;
      rest = rest.filter((_, index) => results[index]?.ErrorCode !== undefined);
      if (rest.length === 0) return;
    }
    throw new StreamUnavailable(`${rest.length} of ${records.length} records were refused: ${refused}`);
  }

  private async send(entries: PutRecordsRequestEntry[], signal: AbortSignal): Promise<PutRecordsResultEntry[]> {
    try {
      const command = new PutRecordsCommand({ StreamName: this.stream, Records: entries });
      const { Records = [] } = await this.client.send(command, { abortSignal: signal });
      this.breaker.succeeded();
      return Records;
    } catch (error) {
      this.breaker.failed();
      // A session over a line that is dead would take the next calls too: they open one anew.
      this.client.destroy();
      throw new StreamUnavailable('the stream can’t be reached', { cause: error });
    }
  }
}
