import { encodeBatch, type PositionBatch } from '../contract/batch';
import { Unavailable } from '../contract/errors';
import { acceptBatches } from '../contract/hot/accept';
import { NearIndex } from '../contract/hot/near-index';
import { logError } from '../platform/log';
import { putMetrics } from '../platform/metrics';
import { StreamUnavailable, type StreamWriter } from '../platform/stream-writer';
import type { Valkey } from '../platform/valkey';

/** Where accepted positions go. */
export class Positions {
  private readonly near: NearIndex;

  constructor(
    private readonly stream: StreamWriter,
    private readonly valkey: Valkey,
  ) {
    this.near = new NearIndex(valkey);
  }

  /** Durable once it answers. @throws Unavailable (`stream_unavailable`); sending all of it again is safe */
  async append(batches: readonly PositionBatch[]): Promise<void> {
    try {
      await this.stream.put(batches.map((batch) => ({ partitionKey: batch.device, data: encodeBatch(batch) })));
    } catch (error) {
      if (!(error instanceof StreamUnavailable)) throw error;
      logError('positions not written', error);
      throw new Unavailable('stream_unavailable', 'Positions can’t be taken right now. Send all of them again.', 2);
    }
  }

  /** Latest, tail and nearby follow what was accepted; without Valkey they miss it, and the next report mends that. */
  async publish(batches: readonly PositionBatch[], now: number): Promise<void> {
    try {
      await acceptBatches(this.valkey, this.near, batches, now);
    } catch {
      putMetrics('ingest', { HotWritesMissed: 1 });
    }
  }
}
