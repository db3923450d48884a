import type { PositionBatch } from '../contract/batch';
import { newestOf } from './decide';
import type { Room } from './room';

/**
 * Shows positions to whoever follows them: the newest of each device, and none that is older than what was shown.
 * A repeated batch shows the same positions again, so one that failed half-way may be repeated.
 * @throws ValkeyUnavailable
 */
export async function showPositions(
  { places, following }: Room,
  batches: readonly PositionBatch[],
  now: number,
): Promise<void> {
  const newest = newestOf(batches);
  const advanced = await places.advance(newest);
  const moves = [...advanced].flatMap(([device, before]) => {
    const after = newest.get(device);
    if (!after) return [];
    // Of two positions of one time the first stays, here as in the track.
    const place = before?.time === after.time ? { ...after, ...before } : after;
    return [{ device, after: place, at: after.time, ...(before && { before }) }];
  });
  await following.tell(moves, now);
}
