import type { KinesisStreamEvent } from 'aws-lambda';
import { decodeBatch } from '../contract/batch';
import { readEnvironment } from '../platform/environment';
import { logError } from '../platform/log';
import { putMetrics } from '../platform/metrics';
import { type BatchResponse, failing, readKinesis } from '../platform/streams';
import { ValkeyUnavailable } from '../platform/valkey';
import { liveEnv } from './env';
import { showPositions } from './positions';
import { openRoom } from './room';

const room = openRoom(readEnvironment(liveEnv));

/**
 * The stream's positions, to whoever follows them. Live positions perish: with Valkey away nobody is subscribed and
 * newer ones come, so these are left out instead of holding up the stream.
 */
export const handler = async (event: KinesisStreamEvent): Promise<BatchResponse> => {
  const { good, bad } = readKinesis(event, decodeBatch);
  try {
    await showPositions(
      room,
      good.map(({ value }) => value),
      Date.now(),
    );
  } catch (error) {
    if (!(error instanceof ValkeyUnavailable)) throw error;
    logError('positions were not shown', error, { records: good.length });
    putMetrics('live', { skipped: good.length });
  }
  return failing(bad);
};
