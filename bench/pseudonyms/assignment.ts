/** Dearer than any pair that goes together, and finite, so that differences of it are figures. */
const NEVER = 1e9;

/** Costs as the search below wants them: one-based, and behind the columns one of its own for each row without any. */
function padded(costs: readonly Float64Array[], columns: number, unmatched: number): Float64Array[] {
  return costs.map((row, index) => {
    const all = new Float64Array(columns + costs.length + 1).fill(NEVER);
    for (const [column, cost] of row.entries()) all[column + 1] = Math.min(cost, NEVER);
    all[columns + index + 1] = unmatched;
    return all;
  });
}

/**
 * The cheapest way to give each row a column of its own, or none. Shortest augmenting paths with potentials
 * (Kuhn 1955, Munkres 1957; the O(rows² · columns) form of Jonker and Volgenant 1987).
 * @param costs by row and column, below 1e8; Infinity where they don't go together
 * @param unmatched what it costs to leave a row without a column
 * @returns the column of each row, -1 for none
 */
export function assign(costs: readonly Float64Array[], columns: number, unmatched: number): Int32Array {
  const rows = padded(costs, columns, unmatched);
  const width = columns + costs.length;
  const potentials = { row: new Float64Array(costs.length + 1), column: new Float64Array(width + 1) };
  /** The row of each column, one-based; 0 is free. */
  const rowOf = new Int32Array(width + 1);
  for (let row = 1; row <= costs.length; row++) augment(rows, row, rowOf, potentials);
  const columnOf = new Int32Array(costs.length).fill(-1);
  for (let column = 1; column <= columns; column++) {
    const row = rowOf[column] ?? 0;
    if (row > 0 && (rows[row - 1]?.[column] ?? NEVER) < NEVER) columnOf[row - 1] = column - 1;
  }
  return columnOf;
}

/** Takes one more row in along the cheapest path that alternates between rows and their columns. */
function augment(
  rows: readonly Float64Array[],
  row: number,
  rowOf: Int32Array,
  potentials: { row: Float64Array; column: Float64Array },
): void {
  const least = new Float64Array(rowOf.length).fill(Number.POSITIVE_INFINITY);
  const done = new Uint8Array(rowOf.length);
  const cameFrom = new Int32Array(rowOf.length);
  let column = 0;
  rowOf[0] = row;
  do {
    done[column] = 1;
    const from = rowOf[column] ?? 0;
    const costs = rows[from - 1] ?? least;
    const own = potentials.row[from] ?? 0;
    let [delta, next] = [Number.POSITIVE_INFINITY, 0];
    for (let each = 1; each < rowOf.length; each++) {
      if (done[each] === 1) continue;
      const reduced = (costs[each] ?? NEVER) - own - (potentials.column[each] ?? 0);
      if (reduced < (least[each] ?? 0)) {
        least[each] = reduced;
        cameFrom[each] = column;
      }
      if ((least[each] ?? 0) < delta) [delta, next] = [least[each] ?? 0, each];
    }
    for (let each = 0; each < rowOf.length; each++) {
      if (done[each] === 1) {
        const owner = rowOf[each] ?? 0;
        potentials.row[owner] = (potentials.row[owner] ?? 0) + delta;
        potentials.column[each] = (potentials.column[each] ?? 0) - delta;
      } else least[each] = (least[each] ?? 0) - delta;
    }
    column = next;
  } while (rowOf[column] !== 0);
  while (column !== 0) {
    const before = cameFrom[column] ?? 0;
    rowOf[column] = rowOf[before] ?? 0;
    column = before;
  }
}
