import type { Box } from './area';
import type { LatLon } from './distance';

/**
 * The grid that Valkey's GEO commands score positions by: 26 bits of longitude over ±180° interleaved with 26 bits of
 * latitude over ±85.05112878°, longitude first. A cell of level n is what shares the first n bits of each, named by a
 * quadkey of n digits (0–3: south-west, north-west, south-east, north-east); a cell's name starts with its parent's.
 * Beyond ±85.05112878° a position counts as standing on that parallel: cells near a pole reach up to it.
 * Source: valkey/src/geohash.h, geohash.c (GEO_LAT_MAX, interleave64).
 */
export const LATITUDE_LIMIT = 85.05112878;

export const MAX_LEVEL = 26;

const STEPS = 2 ** MAX_LEVEL;

/** The column or row of a figure between `min` and `max`, out of 2^26. */
function step(value: number, min: number, max: number): number {
  const fraction = (value - min) / (max - min);
  return Math.min(STEPS - 1, Math.max(0, Math.floor(fraction * STEPS)));
}

const column = (lon: number) => step(lon, -180, 180);
const row = (lat: number) => step(lat, -LATITUDE_LIMIT, LATITUDE_LIMIT);

/** Spreads 13 bits so that a free bit precedes each. */
function spread(bits: number): number {
  let spreadBits = 0;
  for (let bit = 0; bit < 13; bit++) spreadBits += ((bits >> bit) & 1) * 4 ** bit;
  return spreadBits;
}

/** @returns the score that GEOADD gives the place: an integer below 2^52 */
export function geoScore({ lat, lon }: LatLon): number {
  const [x, y] = [column(lon), row(lat)];
  const low = 2 * spread(x & 8191) + spread(y & 8191);
  const high = 2 * spread(x >> 13) + spread(y >> 13);
  return high * 2 ** 26 + low;
}

function quadkey(x: number, y: number, level: number): string {
  let key = '';
  for (let bit = level - 1; bit >= 0; bit--) key += String(2 * ((x >> bit) & 1) + ((y >> bit) & 1));
  return key;
}

/** @returns the name of the cell of `level` (1–26) that a place is in */
export function cellAt({ lat, lon }: LatLon, level: number): string {
  const shift = MAX_LEVEL - level;
  return quadkey(column(lon) >> shift, row(lat) >> shift, level);
}

/** @returns how many cells of its level lie west of a cell, and how many south */
export function cellColumnRow(cell: string): { column: number; row: number } {
  let [x, y] = [0, 0];
  for (const digit of cell) {
    x = 2 * x + (Number(digit) >> 1);
    y = 2 * y + (Number(digit) & 1);
  }
  return { column: x, row: y };
}

/** @returns a cell's box; the outermost rows reach up to the poles */
export function cellBox(cell: string): Box {
  const { column: x, row: y } = cellColumnRow(cell);
  const count = 2 ** cell.length;
  const lat = (line: number) => {
    if (line === 0) return -90;
    return line === count ? 90 : -LATITUDE_LIMIT + (line / count) * 2 * LATITUDE_LIMIT;
  };
  const lon = (line: number) => -180 + (line / count) * 360;
  return { west: lon(x), south: lat(y), east: lon(x + 1), north: lat(y + 1) };
}

/** Columns from west to east, round the world where the box crosses the antimeridian. */
function columnsOf(box: Box, shift: number): { first: number; count: number } {
  const [west, east] = [column(box.west) >> shift, column(box.east) >> shift];
  if (box.west <= box.east) return { first: west, count: east - west + 1 };
  // A box that all but closes round the world would come back to its own first column.
  return { first: west, count: Math.min(STEPS / 2 ** shift, STEPS / 2 ** shift - west + east + 1) };
}

/** How many cells of `level` a box touches. */
export function countCells(box: Box, level: number): number {
  const shift = MAX_LEVEL - level;
  return columnsOf(box, shift).count * ((row(box.north) >> shift) - (row(box.south) >> shift) + 1);
}

/** @returns the names of the cells of `level` that a box touches; ask `countCells` first */
export function cellsOf(box: Box, level: number): string[] {
  const shift = MAX_LEVEL - level;
  const { first, count } = columnsOf(box, shift);
  const cells: string[] = [];
  for (let y = row(box.south) >> shift; y <= row(box.north) >> shift; y++) {
    for (let i = 0; i < count; i++) cells.push(quadkey((first + i) % 2 ** level, y, level));
  }
  return cells;
}

/** @returns the finest level, at most `finest`, at which a box touches no more than `max` (4 or more) cells; 1 at least */
export function fittingLevel(box: Box, max: number, finest = MAX_LEVEL): number {
  let level = finest;
  while (level > 1 && countCells(box, level) > max) level--;
  return level;
}
