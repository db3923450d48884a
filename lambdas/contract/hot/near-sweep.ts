import { z } from 'zod';
import type { LatLon } from '../../geo/distance';
import type { Valkey } from '../../platform/valkey';
import type { CellRegistry } from './cell-registry';
import { readLatest } from './latest';
import { CELLS_AT_ONCE, chunk, HASHES_AT_ONCE, runOnCells } from './near-cells';
import { removeScript } from './near-scripts';

/** A device's place at a time. */
export interface Place extends LatLon {
  device: string;
  time: number;
}

const STALE_AT_ONCE = 200;

const removedSchema = z.tuple([z.number()], z.string()).transform(([left, ...rest]) => ({
  left,
  removed: chunk(rest, 4).map(
    ([device = '', time, lon, lat]): Place => ({ device, time: Number(time), lat: Number(lat), lon: Number(lon) }),
  ),
}));

/** Takes out what is older than `cutoff` (epoch ms), cell by cell. @returns all that was taken out */
async function remove(valkey: Valkey, registry: CellRegistry, cutoff: number, now: number): Promise<Place[]> {
  const gone: Place[] = [];
  const enteredAt = await registry.all();
  for (const cells of chunk([...enteredAt.keys()], CELLS_AT_ONCE)) {
    let rest = cells;
    while (rest.length > 0) {
      const answers = await runOnCells(valkey, rest, removeScript, () => [cutoff, STALE_AT_ONCE]);
      const swept = answers.map(([cell, answer]) => ({ cell, ...removedSchema.parse(answer) }));
      for (const { removed } of swept) gone.push(...removed);
      const empty = swept.filter(({ left }) => left === 0).map(({ cell }) => cell);
      await registry.drop(empty, enteredAt, now);
      rest = swept.filter(({ removed }) => removed.length === STALE_AT_ONCE).map(({ cell }) => cell);
    }
  }
  return gone;
}

/** See `Near.removeStale`. */
export async function sweep(valkey: Valkey, registry: CellRegistry, cutoff: number, now: number): Promise<Place[]> {
  const last = new Map<string, Place>();
  for (const place of await remove(valkey, registry, cutoff, now)) {
    if (place.time >= (last.get(place.device)?.time ?? 0)) last.set(place.device, place);
  }
  // Whoever went on in another cell is not gone.
  for (const devices of chunk([...last.keys()], HASHES_AT_ONCE)) {
    for (const [device, latest] of await readLatest(valkey, devices)) {
      if (latest.position.time >= cutoff) last.delete(device);
    }
  }
  return [...last.values()];
}
