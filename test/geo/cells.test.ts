import fc from 'fast-check';
import { type Box, inBox } from '../../lambdas/geo/area';
import { cellAt, cellBox, cellColumnRow, cellsOf, countCells, fittingLevel, geoScore } from '../../lambdas/geo/cells';
import { anyPlace } from './arbitraries';

const level = fc.integer({ min: 1, max: 26 });

test('a place lies in the box of its cell, at every level', () => {
  fc.assert(fc.property(anyPlace, level, (place, n) => expect(inBox(place, cellBox(cellAt(place, n)))).toBe(true)));
});

test('a cell’s name starts with its parent’s', () => {
  fc.assert(
    fc.property(anyPlace, level, level, (place, a, b) => {
      const [coarse, fine] = [Math.min(a, b), Math.max(a, b)];
      expect(cellAt(place, fine).slice(0, coarse)).toBe(cellAt(place, coarse));
    }),
  );
});

test('the score’s leading digits in base 4 are the cell', () => {
  fc.assert(
    fc.property(anyPlace, (place) => {
      expect(geoScore(place).toString(4).padStart(26, '0')).toBe(cellAt(place, 26));
    }),
  );
});

test('scores are Valkey’s own', () => {
  // ZSCORE after GEOADD, Valkey 9.1.2.
  expect(geoScore({ lat: 41.15, lon: -8.61 })).toBe(1967300194871647);
});

test('the cells of a box are those of the places in it, each once', () => {
  const box = fc
    .tuple(anyPlace, anyPlace)
    .map(([a, b]): Box => ({ west: a.lon, east: b.lon, south: Math.min(a.lat, b.lat), north: Math.max(a.lat, b.lat) }));
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(box, share, share, fc.integer({ min: 1, max: 5 }), (area, x, y, n) => {
      const cells = cellsOf(area, n);
      expect(new Set(cells).size).toBe(cells.length);
      expect(cells.length).toBe(countCells(area, n));
      const width = area.west <= area.east ? area.east - area.west : area.east - area.west + 360;
      const lon = area.west + x * width;
      const place = { lat: area.south + y * (area.north - area.south), lon: lon > 180 ? lon - 360 : lon };
      expect(cells).toContain(cellAt(place, n));
    }),
    { numRuns: 1_000 },
  );
});

test('a fitting level keeps to the bound, and the next one would not', () => {
  fc.assert(
    fc.property(anyPlace, fc.double({ min: 1e-4, max: 60, noNaN: true }), ({ lat, lon }, size) => {
      const box = { west: lon, south: lat, east: Math.min(180, lon + size), north: Math.min(90, lat + size) };
      const fitting = fittingLevel(box, 64, 20);
      expect(countCells(box, fitting)).toBeLessThanOrEqual(64);
      if (fitting < 20) expect(countCells(box, fitting + 1)).toBeGreaterThan(64);
    }),
  );
});

test('columns count from the west and rows from the south', () => {
  expect(cellColumnRow(cellAt({ lat: -85, lon: -180 }, 10))).toEqual({ column: 0, row: 0 });
  expect(cellColumnRow(cellAt({ lat: 90, lon: 180 }, 10))).toEqual({ column: 1023, row: 1023 });
});
