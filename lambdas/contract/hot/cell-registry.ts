import { z } from 'zod';
import { type Box, boxesMeet } from '../../geo/area';
import { cellBox, cellsOf, countCells } from '../../geo/cells';
import type { Command, Valkey } from '../../platform/valkey';
import { chunk, NEAR_LEVEL } from './near-cells';

/** Beyond so many cells, only those that are known to be occupied are asked. */
const CELLS_UNSEEN = 32;
/** The registry is kept in so many digits' worth of keys: 16. */
const SHARD_DIGITS = 2;
/** A process enters a cell that it writes to again after this long; an empty cell is dropped after longer. */
const ENTER_EVERY_MS = 60_000;
const DROP_AFTER_MS = 600_000;
/** Cells remembered as entered. */
const REMEMBERED = 10_000;

const shards = Array.from({ length: 4 ** SHARD_DIGITS }, (_, i) => i.toString(4).padStart(SHARD_DIGITS, '0'));
const shardKey = (shard: string) => `cells:{${shard}}`;
const keyOf = (cell: string) => shardKey(cell.slice(0, SHARD_DIGITS));

/** Which cells of the index were written to, so that the sweep and wide boxes find them without looking at all cells. */
export class CellRegistry {
  /** When this process last entered a cell. */
  private readonly entered = new Map<string, number>();

  constructor(private readonly valkey: Valkey) {}

  /** Commands that enter cells, for the same round trip that writes to them; none for cells entered a moment ago. */
  enterCommands(cells: readonly string[], now: number): Command[] {
    const due = cells.filter((cell) => now - (this.entered.get(cell) ?? 0) >= ENTER_EVERY_MS);
    if (this.entered.size > REMEMBERED) this.entered.clear();
    for (const cell of due) this.entered.set(cell, now);
    return due.map((cell): Command => ['ZADD', keyOf(cell), now, cell]);
  }

  /** The commands did not run: cells are entered anew next time. */
  forget(): void {
    this.entered.clear();
  }

  /** Cells that a box touches, without empty ones where they would be many. @throws ValkeyUnavailable */
  async cellsIn(box: Box): Promise<string[]> {
    if (countCells(box, NEAR_LEVEL) <= CELLS_UNSEEN) return cellsOf(box, NEAR_LEVEL);
    const known = await this.read(shards.filter((shard) => boxesMeet(cellBox(shard), box)));
    return [...known.keys()].filter((cell) => boxesMeet(cellBox(cell), box));
  }

  /** Every cell, and when it was last entered. @throws ValkeyUnavailable */
  all(): Promise<Map<string, number>> {
    return this.read(shards);
  }

  /** Drops empty cells, unless they were entered lately: a process may count on that. @throws ValkeyUnavailable */
  async drop(empty: readonly string[], enteredAt: ReadonlyMap<string, number>, now: number): Promise<void> {
    const old = empty.filter((cell) => (enteredAt.get(cell) ?? 0) < now - DROP_AFTER_MS);
    await this.valkey.run(old.map((cell): Command => ['ZREM', keyOf(cell), cell]));
  }

  private async read(some: readonly string[]): Promise<Map<string, number>> {
    const replies = await this.valkey.run(
      some.map((shard): Command => ['ZRANGE', shardKey(shard), 0, -1, 'WITHSCORES']),
    );
    const pairs = z.array(z.array(z.string())).parse(replies);
    return new Map(pairs.flatMap((reply) => chunk(reply, 2)).map(([cell = '', time]) => [cell, Number(time)]));
  }
}
