import { z } from 'zod';
import { type Box, boxAroundCircle, boxesMeet, inBox } from '../../geo/area';
import {
  cellAt,
  cellBox,
  cellColumnRow,
  cellsOf,
  countCells,
  geoScore,
  LATITUDE_LIMIT,
  MAX_LEVEL,
} from '../../geo/cells';
import { distance, type LatLon } from '../../geo/distance';
import type { Command, Valkey } from '../../platform/valkey';
import { LATEST_TTL_MS, type Latest, readLatest } from './latest';
import { boxScript, nearestScript, removeScript, updateScript } from './near-scripts';

/** Bits of longitude and latitude of a cell that has a key of its own: some 39 × 18 km at the equator. */
export const NEAR_LEVEL = 10;

/** Beyond so many cells, only those that the registry knows to be occupied are asked. */
const CELLS_WITHOUT_REGISTRY = 32;
/** The registry is kept in so many digits' worth of keys: 16. */
const SHARD_DIGITS = 2;
/** A process enters a cell that it writes to again after this long; the sweep forgets a cell after longer. */
const REGISTER_EVERY_MS = 60_000;
const FORGET_AFTER_MS = 600_000;
/** Scripts in one round trip, and hashes. */
const CELLS_AT_ONCE = 64;
const HASHES_AT_ONCE = 500;
/** Quantization of the index is finer than this: in degrees, and in metres. */
const QUANTUM = 1e-5;
const INDEX_TOLERANCE = 1;
const STALE_AT_ONCE = 200;

/** A device's place at a time, for the index. */
export interface Place extends LatLon {
  device: string;
  time: number;
}

export interface NearLatest extends Latest {
  /** Metres. */
  distance: number;
}

const keysOf = (cell: string) => [`near:{${cell}}`, `neart:{${cell}}`];
const shardKey = (shard: string) => `cells:{${shard}}`;
const shards = Array.from({ length: 4 ** SHARD_DIGITS }, (_, i) => i.toString(4).padStart(SHARD_DIGITS, '0'));

/** What a script needs to know of its cell. */
function rootOf(cell: string): number[] {
  const { column, row } = cellColumnRow(cell);
  return [Number.parseInt(cell, 4) * 4 ** (MAX_LEVEL - cell.length), cell.length, column, row];
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

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
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

const removedSchema = z.tuple([z.number()], z.string()).transform(([left, ...rest]) => ({
  left,
  removed: chunk(rest, 4).map(([device = '', time, lon, lat]) => ({
    device,
    time: Number(time),
    lat: Number(lat),
    lon: Number(lon),
  })),
}));

/**
 * Where devices are now, sharded by cells of `NEAR_LEVEL`: a sorted set of GEO scores and one of times for each cell.
 * An entry that a device left behind in another cell stays until it is stale; readers hold every entry against the
 * device's latest position. Readers leave out what is stale; only `removeStale` removes it.
 * Beyond ±85.05° (`LATITUDE_LIMIT`) devices are indexed at that parallel: nearest-N is approximate there.
 */
export class Near {
  /** When this process last entered a cell in the registry. */
  private readonly entered = new Map<string, number>();

  constructor(private readonly valkey: Valkey) {}

  /** Commands that take places into the index; those too old to matter are left out. Tell `entered` once they ran. */
  updateCommands(places: readonly Place[], now: number): Command[] {
    const byCell = new Map<string, (string | number)[]>();
    for (const place of places) {
      if (place.time < now - LATEST_TTL_MS) continue;
      const cell = cellAt(place, NEAR_LEVEL);
      const args = byCell.get(cell) ?? [LATEST_TTL_MS];
      byCell.set(cell, args);
      args.push(place.device, place.time, geoScore(place));
    }
    const updates = [...byCell].map(([cell, args]): Command => ({ script: updateScript, keys: keysOf(cell), args }));
    return [...updates, ...this.registerCommands([...byCell.keys()], now)];
  }

  private registerCommands(cells: string[], now: number): Command[] {
    const due = cells.filter((cell) => now - (this.entered.get(cell) ?? 0) >= REGISTER_EVERY_MS);
    if (this.entered.size > 10_000) this.entered.clear();
    for (const cell of due) this.entered.set(cell, now);
    return due.map((cell): Command => ['ZADD', shardKey(cell.slice(0, SHARD_DIGITS)), now, cell]);
  }

  /** The commands did not run: cells are entered anew next time. */
  forget(): void {
    this.entered.clear();
  }

  /** Takes places into the index; one round trip. @throws ValkeyUnavailable */
  async update(places: readonly Place[], now: number): Promise<void> {
    try {
      await this.valkey.run(this.updateCommands(places, now));
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /**
   * The devices nearest to a place, nearest first, exact in distance; which of two a metre apart comes last may vary.
   * Work is bounded by `limit`, however many devices stand in a cell.
   * @param radius metres @param notBefore older positions are stale (epoch ms)
   * @throws ValkeyUnavailable
   */
  async nearest(centre: LatLon, radius: number, limit: number, notBefore: number): Promise<NearLatest[]> {
    const cells = await this.cellsIn(boxAroundCircle({ ...centre, radius: radius + INDEX_TOLERANCE }));
    for (let ask = limit + 8; ; ask *= 2) {
      const { found, horizon, spent } = await this.search(cells, centre, radius, ask, notBefore);
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
    const replies = await this.runOn(cells, nearestScript, place);
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
    for (const cells of chunk(await this.cellsIn(box), CELLS_AT_ONCE)) {
      const edges = [wide.west, wide.south, wide.east, wide.north];
      const replies = await this.runOn(cells, boxScript, [...edges, max, notBefore, 2_048 + 8 * max]);
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
  async removeStale(cutoff: number, now: number): Promise<Place[]> {
    const gone: Place[] = [];
    const entered = await this.registry(shards, 0);
    for (const cells of chunk([...entered.keys()], CELLS_AT_ONCE)) {
      let rest = cells;
      while (rest.length > 0) {
        const replies = await this.runOn(rest, removeScript, [cutoff, STALE_AT_ONCE]);
        const swept = replies.map(([cell, reply]) => ({ cell, ...removedSchema.parse(reply) }));
        gone.push(...swept.flatMap(({ removed }) => removed));
        rest = swept.filter(({ removed }) => removed.length === STALE_AT_ONCE).map(({ cell }) => cell);
        await this.forgetCells(
          swept.filter(({ cell, left }) => left === 0 && (entered.get(cell) ?? 0) < now - FORGET_AFTER_MS),
        );
      }
    }
    return this.gone(gone, cutoff);
  }

  /** Leaves out devices that went on in another cell, and repeats. */
  private async gone(removed: Place[], cutoff: number): Promise<Place[]> {
    const last = new Map<string, Place>();
    for (const place of removed) if (place.time >= (last.get(place.device)?.time ?? 0)) last.set(place.device, place);
    for (const devices of chunk([...last.keys()], HASHES_AT_ONCE)) {
      for (const [device, latest] of await readLatest(this.valkey, devices)) {
        if (latest.position.time >= cutoff) last.delete(device);
      }
    }
    return [...last.values()];
  }

  private async forgetCells(empty: { cell: string }[]): Promise<void> {
    await this.valkey.run(empty.map(({ cell }): Command => ['ZREM', shardKey(cell.slice(0, SHARD_DIGITS)), cell]));
  }

  private async runOn(cells: string[], script: typeof boxScript, args: number[]): Promise<[string, unknown][]> {
    const replies: [string, unknown][] = [];
    const rooted = script !== removeScript;
    for (const some of chunk(cells, CELLS_AT_ONCE)) {
      const answers = await this.valkey.run(
        some.map((cell): Command => ({ script, keys: keysOf(cell), args: rooted ? [...rootOf(cell), ...args] : args })),
      );
      replies.push(...some.map((cell, i): [string, unknown] => [cell, answers[i]]));
    }
    return replies;
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

  /** Cells of the index that a box touches, without empty ones where they would be many. */
  private async cellsIn(box: Box): Promise<string[]> {
    if (countCells(box, NEAR_LEVEL) <= CELLS_WITHOUT_REGISTRY) return cellsOf(box, NEAR_LEVEL);
    const met = await this.registry(
      shards.filter((shard) => boxesMeet(cellBox(shard), box)),
      0,
    );
    return [...met.keys()].filter((cell) => boxesMeet(cellBox(cell), box));
  }

  /** Cells that were written to, and when they were last entered. */
  private async registry(some: string[], since: number): Promise<Map<string, number>> {
    const replies = await this.valkey.run(
      some.map((shard): Command => ['ZRANGEBYSCORE', shardKey(shard), since, '+inf', 'WITHSCORES']),
    );
    const pairs = z
      .array(z.array(z.string()))
      .parse(replies)
      .flatMap((reply) => chunk(reply, 2));
    return new Map(pairs.map(([cell = '', time]) => [cell, Number(time)]));
  }
}
