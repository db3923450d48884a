import fc from 'fast-check';
import { toEntries, toPositions } from '../../lambdas/search/documents';
import { isWanted, localDays } from '../../lambdas/search/plan';
import { anyPosition, anyPositions, anySearch, bruteForce, toRows } from './index-model';

const HOUR = 3_600_000;
const austin = { lat: 30.27, lon: -97.74 };
const row = (time: number, ...points: object[]) => ({ device: 'd', task: 't', minute: time, points });
const partitionAt = (time: number, place: { lat: number; lon: number }) => {
  const [entry] = toRows([{ device: 'd', task: 't', time, ...place }]).flatMap(toEntries);
  if (!entry) throw new Error('no entry');
  return entry.partition;
};

test('each point of a row is in exactly one partition’s document, and is read back as it was', () => {
  fc.assert(
    fc.property(anyPositions, (positions) => {
      const read = toRows(positions)
        .flatMap(toEntries)
        .flatMap(({ document }) => toPositions(document));
      const key = (position: object) => JSON.stringify(position, Object.keys(position).sort());
      expect(read.map(key).sort()).toEqual(positions.map(key).sort());
    }),
  );
});

test('figures and attributes of a point come back from the index as they were', () => {
  const time = Date.UTC(2026, 6, 1, 8);
  const point = {
    time: time + 1_500,
    ...austin,
    accuracy: 3.5,
    heading: 359.9,
    altitude: -2,
    attributes: { a: 'ü, {', b: true },
  };
  const [entry] = toEntries({ ...row(time), points: [point] });
  expect(entry && toPositions(entry.document)).toEqual([{ device: 'd', task: 't', ...point }]);
});

test('a partition that holds a hit is always among those that are asked', () => {
  fc.assert(
    fc.property(anyPositions, anySearch, (positions, search) => {
      const days = new Set(localDays(search));
      for (const { partition } of toRows(bruteForce(positions, search)).flatMap(toEntries)) {
        expect(days.has(partition.day)).toBe(true);
        expect(isWanted(partition, search)).toBe(true);
      }
    }),
  );
});

test('a position lies within the local day of its partition', () => {
  fc.assert(
    fc.property(anyPosition, (position) => {
      const { from, to } = partitionAt(position.time, position);
      expect(from <= position.time && position.time < to).toBe(true);
    }),
  );
});

test.each([
  ['23 hours where the clocks go forward', Date.UTC(2026, 2, 8, 18), '2026-03-08', 23],
  ['25 hours where they go back', Date.UTC(2026, 10, 1, 18), '2026-11-01', 25],
  ['24 hours otherwise', Date.UTC(2026, 6, 1, 18), '2026-07-01', 24],
])('Austin’s partition has %s', (_, noon, day, hours) => {
  const { city, from, to, index, ...partition } = partitionAt(noon, austin);
  expect(partition).toMatchObject({ day, tier: 'hot' });
  expect(index).toBe(`positions-${city}-${day}`);
  expect((to - from) / HOUR).toBe(hours);
  expect(partitionAt(to - 1, austin).day).toBe(day);
  expect(partitionAt(to, austin).day > day).toBe(true);
  expect(partitionAt(from - 1, austin).day < day).toBe(true);
});

test('an area asks for the cities that it touches only', () => {
  const noon = Date.UTC(2026, 6, 1, 18);
  const search = { from: noon, to: noon + 1, devices: undefined, sort: 'time' as const, near: undefined, limit: 1 };
  const circle = { kind: 'circle' as const, circle: { lat: 41.15, lon: -8.61, radius: 5_000 } };
  const cities = [austin, { lat: 41.15, lon: -8.61 }, { lat: 48.2, lon: 2.3 }].map((place) => partitionAt(noon, place));
  const wanted = cities.filter((partition) => isWanted(partition, { ...search, area: circle }));
  expect(wanted.map(({ city }) => city)).toEqual(['porto']);
});
