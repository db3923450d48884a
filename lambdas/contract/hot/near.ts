import { z } from 'zod';
import { type Box, boxAroundCircle, inBox } from '../../geo/area';
import { cellAt, LATITUDE_LIMIT } from '../../geo/cells';
import { distance, type LatLon } from '../../geo/distance';
import { type Latest, readLatest } from './latest';
import { CELLS_AT_ONCE, chunk, HASHES_AT_ONCE, NEAR_LEVEL, rootOf, runOnCells } from './near-cells';
import { NearIndex } from './near-index';
import { boxScript, nearestScript } from './near-search-scripts';
import { type Place, sweep } from './near-sweep';

export type { Place } from './near-sweep';

/** Quantization of the index is finer than this: in degrees, and in metres. */
const QUANTUM = 1e-5;
const INDEX_TOLERANCE = 1;

export interface NearLatest extends Latest {
  /** Metres. */
  distance: number;
}

const clamp = (lat: number) => Math.min(LATITUDE_LIMIT, Math.max(-LATITUDE_LIMIT, lat));

/** A box that holds the index's place, a quantum away, of whatever the box holds. */
function widen({ west, south, east, north }: Box): Box {
  const span = west <= east ? east - west : east - west + 360;
  const wrap = (lon: number) => (lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon);
  const lons =
    span + 2 * QUANTUM >= 360 ? { west: -180, east: 180 } : { west: wrap(west - QUANTUM), east: wrap(east + QUANTUM) };
  return { ...lons, south: clamp(south) - QUANTUM, north: clamp(north) + QUANTUM };
}

const foundSchema = z
  .tuple([z.number(), z.string(), z.number(), z.number()], z.string())
  .transform(([complete, looked, visited, commands, ...rest]) => ({
    complete: complete === 1,
    looked: Number(looked),
    visited,
    commands,
    devices: rest.filter((_, i) => i % 2 === 0),
  }));

/**
 * Where devices are now, sharded by cells of `NEAR_LEVEL`: a sorted set of GEO scores and one of times for each cell.
 * An entry that a device left behind in another cell stays until it is stale; readers hold every entry against the
 * device's latest position. Readers leave out what is stale; only `removeStale` removes it.
 * Beyond ±85.05° (`LATITUDE_LIMIT`) devices are indexed at that parallel: nearest-N is approximate there.
 */
export class Near extends NearIndex {
  /**
   * The devices nearest to a place, nearest first, exact in distance; which of two a metre apart comes last may vary.
   * Work is bounded by `limit`, however many devices stand in a cell.
   * @param radius metres @param notBefore older positions are stale (epoch ms)
   * @param shows which of them the caller may see: the others are as if they were not there
   * @throws ValkeyUnavailable
   */
  async nearest(
    centre: LatLon,
    radius: number,
    limit: number,
    notBefore: number,
    shows: (latest: Latest) => boolean = () => true,
  ): Promise<NearLatest[]> {
    const cells = await this.registry.cellsIn(boxAroundCircle({ ...centre, radius: radius + INDEX_TOLERANCE }));
    for (let ask = limit + 8; ; ask *= 2) {
      const { found: all, horizon, spent } = await this.search(cells, centre, radius, ask, notBefore);
      const found = all.filter(shows);
      const sure = found.filter((device) => device.distance <= horizon + INDEX_TOLERANCE);
      if (horizon >= radius || sure.length >= limit || spent || ask > 16 * limit + 64) return found.slice(0, limit);
    }
  }

  /**
   * One pass: candidates of every cell, held against the latest positions; all within `horizon` are among them.
   * `spent`: a crowd of stale entries used up a script's budget, so asking for more would not help.
   */
  private async search(cells: string[], centre: LatLon, radius: number, ask: number, notBefore: number) {
    const place = [clamp(centre.lat), centre.lon, radius + INDEX_TOLERANCE, ask, notBefore, 2_048 + 64 * ask];
    const replies = await runOnCells(this.valkey, cells, nearestScript, (cell) => [...rootOf(cell), ...place]);
    const found: NearLatest[] = [];
    let [horizon, spent] = [radius, false];
    const candidates = new Map<string, string[]>();
    for (const [cell, reply] of replies) {
      const { complete, looked, devices } = foundSchema.parse(reply);
      if (!complete) {
        horizon = Math.min(horizon, looked);
        spent ||= devices.length < ask;
      }
      candidates.set(cell, devices);
    }
    for (const latest of await this.verified(candidates, notBefore)) {
      const away = distance(centre, latest.position);
      if (away <= radius) found.push({ ...latest, distance: away });
    }
    return { found: found.sort((a, b) => a.distance - b.distance || (a.device < b.device ? -1 : 1)), horizon, spent };
  }

  /** Up to `max` devices in a box, in no order. @param notBefore older positions are stale. @throws ValkeyUnavailable */
  async inBox(box: Box, max: number, notBefore: number): Promise<Latest[]> {
    const wide = widen(box);
    const found: Latest[] = [];
    for (const cells of chunk(await this.registry.cellsIn(box), CELLS_AT_ONCE)) {
      const edges = [wide.west, wide.south, wide.east, wide.north];
      const args = [...edges, max, notBefore, 2_048 + 8 * max];
      const replies = await runOnCells(this.valkey, cells, boxScript, (cell) => [...rootOf(cell), ...args]);
      const candidates = new Map<string, string[]>();
      for (const [cell, reply] of replies) candidates.set(cell, z.array(z.string()).parse(reply));
      for (const latest of await this.verified(candidates, notBefore))
        if (inBox(latest.position, box)) found.push(latest);
      if (found.length >= max) return found.slice(0, max);
    }
    return found;
  }

  /**
   * Takes out what is older than `cutoff` (epoch ms). Only the sweep calls this.
   * @returns devices that are no longer anywhere, with their last place (index precision); each only once
   * @throws ValkeyUnavailable
   */
  removeStale(cutoff: number, now: number): Promise<Place[]> {
    return sweep(this.valkey, this.registry, cutoff, now);
  }

  /** The latest positions of candidates that are fresh and still in the cell where they were found. */
  private async verified(candidates: Map<string, string[]>, notBefore: number): Promise<Latest[]> {
    const pairs = [...candidates].flatMap(([cell, devices]) => devices.map((device) => ({ cell, device })));
    const fresh: Latest[] = [];
    for (const some of chunk(pairs, HASHES_AT_ONCE)) {
      const latest = await readLatest(this.valkey, [...new Set(some.map(({ device }) => device))]);
      for (const { cell, device } of some) {
        const known = latest.get(device);
        if (known && known.position.time >= notBefore && cellAt(known.position, NEAR_LEVEL) === cell) fresh.push(known);
      }
    }
    return fresh;
  }
}
