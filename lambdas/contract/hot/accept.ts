import type { Valkey } from '../../platform/valkey';
import type { PositionBatch } from '../batch';
import { acceptCommand, newestOf } from './latest';
import type { NearIndex } from './near-index';

/**
 * Takes accepted batches into the latest positions, the tails and the index of nearby devices: one round trip.
 * Running it again changes nothing but the tail, where a point may stand twice.
 * @throws ValkeyUnavailable
 */
export async function acceptBatches(
  valkey: Valkey,
  near: NearIndex,
  batches: readonly PositionBatch[],
  now: number,
): Promise<void> {
  const places = batches.flatMap(({ device, points }) => {
    const newest = newestOf(points);
    return newest ? [{ device, time: newest.time, lat: newest.lat, lon: newest.lon }] : [];
  });
  try {
    await valkey.run([...batches.flatMap(acceptCommand), ...near.updateCommands(places, now)]);
  } catch (error) {
    near.forget();
    throw error;
  }
}
