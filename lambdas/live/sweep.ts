import { Near } from '../contract/hot/near';
import type { Room } from './room';

/**
 * Lets devices leave that have been silent for too long: out of the index of what is nearby, and out of view.
 * @throws ValkeyUnavailable
 */
export async function sweep(room: Room, now: number): Promise<void> {
  const { valkey, staleAfterMs, places, following, subscriptions } = room;
  // Before anyone asks: a connection that opens from now on has lost nothing.
  await subscriptions.note(now);
  const cutoff = now - staleAfterMs;
  const stale = new Map((await new Near(valkey).removeStale(cutoff, now)).map((place) => [place.device, place]));
  // A place unknown here may yet be in view: a snapshot shows what the index had.
  const retired = await places.retire([...stale.keys()], cutoff - 1);
  const moves = [...retired].flatMap(([device, place]) => {
    const before = place ?? stale.get(device);
    return before ? [{ device, before, at: cutoff }] : [];
  });
  await following.tell(moves, now);
}
