import { cellColumnRow, MAX_LEVEL } from '../../geo/cells';
import type { Command, Script, Valkey } from '../../platform/valkey';

/** Bits of longitude and latitude of a cell that has a key of its own: some 39 × 18 km at the equator. */
export const NEAR_LEVEL = 10;

/** Cells asked in one round trip. */
export const CELLS_AT_ONCE = 64;
/** Latest positions asked in one round trip. */
export const HASHES_AT_ONCE = 500;

/** Keys of a cell: the places as GEO scores, and the times. */
export const keysOf = (cell: string): string[] => [`near:{${cell}}`, `neart:{${cell}}`];

/** The cell as the root of a script's tree: its first score, level, column and row. */
export function rootOf(cell: string): number[] {
  const { column, row } = cellColumnRow(cell);
  return [Number.parseInt(cell, 4) * 4 ** (MAX_LEVEL - cell.length), cell.length, column, row];
}

export function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Runs a script on each cell, many in a round trip. @returns each cell with its answer */
export async function runOnCells(
  valkey: Valkey,
  cells: readonly string[],
  script: Script,
  argsOf: (cell: string) => number[],
): Promise<[cell: string, answer: unknown][]> {
  const answers: [string, unknown][] = [];
  for (const some of chunk(cells, CELLS_AT_ONCE)) {
    const replies = await valkey.run(some.map((cell): Command => ({ script, keys: keysOf(cell), args: argsOf(cell) })));
    answers.push(...some.map((cell, i): [string, unknown] => [cell, replies[i]]));
  }
  return answers;
}
