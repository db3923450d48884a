import { setTimeout as sleep } from 'node:timers/promises';
import type { KinesisStreamEvent } from 'aws-lambda';
import { decodeBatch, type PositionBatch } from '../contract/batch';
import { acceptBatches } from '../contract/hot/accept';
import { NearIndex } from '../contract/hot/near-index';
import { readEnvironment } from '../platform/environment';
import { logError } from '../platform/log';
import { putMetrics } from '../platform/metrics';
import { type BatchResponse, failing, readKinesis } from '../platform/streams';
import { ValkeyUnavailable } from '../platform/valkey';
import { liveEnv } from './env';
import { showPositions } from './positions';
import { openRoom } from './room';

const env = readEnvironment(liveEnv);
const room = openRoom(env);
const near = new NearIndex(room.valkey);
const staleAfterMs = env.STALE_AFTER_SECONDS * 1_000;

/** How long a batch waits for Valkey, and how often it asks again (ms). */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 200;

/**
 * The stream's positions, to whoever follows them. A hiccup of Valkey is waited out: the position left out might be a
 * vehicle's last. But live positions perish: with Valkey away for longer nobody is subscribed and newer ones come, so
 * these are left out instead of holding up the stream. So are those that waited too long, as after an outage of this
 * function.
 */
export const handler = async (event: KinesisStreamEvent): Promise<BatchResponse> => {
  const { good, bad } = readKinesis(event, decodeBatch);
  const now = Date.now();
  const fresh = good.map(({ value }) => value).filter(({ at }) => at > now - staleAfterMs);
  if (fresh.length < good.length) putMetrics('live', { stale: good.length - fresh.length });
  if (fresh.length > 0) await show(fresh, now);
  return failing(bad);
};

/** What devices stored by themselves never came by ingest: it becomes the latest here. */
async function accept(batches: readonly PositionBatch[], now: number): Promise<void> {
  const stored = batches.filter((batch) => batch.stored);
  if (stored.length > 0) await acceptBatches(room.valkey, near, stored, now);
}

async function show(batches: readonly PositionBatch[], now: number): Promise<void> {
  for (const until = now + PATIENCE_MS; ; await sleep(AGAIN_MS)) {
    try {
      await accept(batches, now);
      return await showPositions(room, batches, now);
    } catch (error) {
      if (!(error instanceof ValkeyUnavailable)) throw error;
      if (Date.now() < until) continue;
      logError('positions were not shown', error, { records: batches.length });
      return putMetrics('live', { skipped: batches.length });
    }
  }
}
