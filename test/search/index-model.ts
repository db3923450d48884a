import fc from 'fast-check';
import type { Position, TrackedPosition } from '../../lambdas/contract/position';
import { MINUTE_MS } from '../../lambdas/contract/time';
import type { TrackRow } from '../../lambdas/contract/track-row';
import { distance } from '../../lambdas/geo/distance';
import { inArea } from '../../lambdas/search/areas';
import type { IndexedRow, ReadRows } from '../../lambdas/search/collect';
import { type Entry, toEntries, toPositions } from '../../lambdas/search/documents';
import type { Key, SortValues } from '../../lambdas/search/order';
import { findPage, type OpenStage } from '../../lambdas/search/page';
import { isWanted } from '../../lambdas/search/plan';
import type { Search } from '../../lambdas/search/request';

/** Rows of minutes out of positions, as the tracks table would hold them. */
export function toRows(positions: readonly TrackedPosition[]): TrackRow[] {
  const rows = new Map<string, Map<number, Position>>();
  for (const { device, task, ...point } of positions) {
    const key = JSON.stringify([device, task, point.time - (point.time % MINUTE_MS)]);
    const points = rows.get(key) ?? new Map<number, Position>();
    if (!points.has(point.time)) points.set(point.time, point);
    rows.set(key, points);
  }
  return [...rows].map(([key, points]) => {
    const [device, task, minute] = JSON.parse(key);
    return { device, task, minute, points: [...points.values()].sort((a, b) => a.time - b.time) };
  });
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** What a search has to find, in order, told from the positions alone: too simple to be wrong. */
export function bruteForce(positions: readonly TrackedPosition[], search: Search): TrackedPosition[] {
  const { from, to, devices, area, sort, near } = search;
  const inTime = (a: TrackedPosition, b: TrackedPosition) =>
    a.time - b.time || byText(a.device, b.device) || byText(a.task, b.task);
  const hits = positions
    .filter(({ time }) => time >= from && time < to)
    .filter(({ device }) => !devices || devices.includes(device))
    .filter((position) => !area || inArea(position, area))
    .sort(inTime);
  if (sort === '-time') return hits.reverse();
  return sort === 'distance' && near ? hits.sort((a, b) => distance(a, near) - distance(b, near)) : hits;
}

function sortValues({ document }: Entry, { sort, near }: Search): SortValues {
  const { device, task, from, to, path } = document;
  if (sort === 'time') return [from, device, task];
  if (sort === '-time') return [to, device, task];
  // The index's distances are a little off.
  const metres = near ? Math.min(...path.map(([lon, lat]) => distance({ lon, lat }, near))) : 0;
  return [Math.max(0, metres + 0.4 * Math.sin(from)), from, device, task];
}

function compare(a: SortValues, b: SortValues, backwards: boolean): number {
  for (const [i, value] of a.entries()) {
    const other = b[i];
    if (value === other || other === undefined) continue;
    return (value < other ? -1 : 1) * (backwards ? -1 : 1);
  }
  return 0;
}

/** An index that rules out as little as it may, and gives `size` rows a call. */
export const memoryIndex =
  (entries: readonly Entry[], size: number): OpenStage =>
  (search, stage): ReadRows => {
    const backwards = search.sort === '-time';
    const indices = new Set(stage.partitions.map(({ index }) => index));
    const rows: IndexedRow[] = entries
      .filter(({ index, document }) => indices.has(index) && document.from < stage.to && document.to >= stage.from)
      .map((entry) => ({
        index: entry.index,
        positions: toPositions(entry.document),
        sort: sortValues(entry, search),
      }))
      .sort((a, b) => compare(a.sort, b.sort, backwards));
    return async (after) => {
      const rest = after ? rows.filter(({ sort }) => compare(sort, after, backwards) > 0) : rows;
      return { rows: rest.slice(0, size), more: rest.length >= size };
    };
  };

/** Every hit of a search, page by page. */
export async function walk(
  positions: readonly TrackedPosition[],
  search: Search,
  { rowsPerCall, calls }: { rowsPerCall: number; calls: number },
): Promise<{ found: TrackedPosition[]; pages: number }> {
  const entries = toRows(positions).flatMap(toEntries);
  const partitions = new Map(entries.map(({ index, partition }) => [index, partition]));
  const wanted = [...partitions.values()].filter((partition) => isWanted(partition, search));
  const found: TrackedPosition[] = [];
  let after: Key | undefined;
  let pages = 0;
  do {
    const page = await findPage(search, wanted, after, memoryIndex(entries, rowsPerCall), { calls });
    found.push(...page.hits.map(({ position }) => position));
    after = page.next;
    pages += 1;
    if (pages > 10_000) throw new Error('the pages never end');
  } while (after);
  return { found, pages };
}

/** Around the edge of Porto, in the middle of Austin, and on the antimeridian. */
const places = [
  { lat: 41.15, lon: -8.61 },
  { lat: 41.1833, lon: -8.69 },
  { lat: 30.27, lon: -97.74 },
  { lat: -17, lon: 180 },
  { lat: -17, lon: -179.9999 },
];

/** 30 days and more around Austin's clocks going forward on 8 March 2026, and Porto's on 29 March. */
const anyTime = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 2, 8, 5), max: Date.UTC(2026, 2, 8, 7) }),
  fc.integer({ min: Date.UTC(2026, 2, 1), max: Date.UTC(2026, 2, 31) }),
  // Crowded minutes, whose rows overlap.
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }).map((step) => Date.UTC(2026, 2, 29) + step * 3_000) },
);

export const anyPosition: fc.Arbitrary<TrackedPosition> = fc
  .record({
    device: fc.constantFrom('a', 'b', 'c', 'taxi-1'),
    task: fc.constantFrom('t1', 't2'),
    time: anyTime,
    place: fc.constantFrom(...places),
    dLat: fc.integer({ min: -5, max: 5 }),
    dLon: fc.integer({ min: -5, max: 5 }),
  })
  .map(({ device, task, time, place, dLat, dLon }) => {
    const lon = place.lon + dLon / 100;
    return {
      device,
      task,
      time,
      lat: place.lat + dLat / 100,
      lon: lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon,
    };
  });

/** Each position once: the first accepted stays. */
export const anyPositions = fc.uniqueArray(anyPosition, {
  maxLength: 60,
  size: 'max',
  selector: ({ device, task, time }) => `${device} ${task} ${time}`,
});

const anyPlace = fc.constantFrom(...places);

const anyArea: fc.Arbitrary<Search['area']> = fc.oneof(
  fc.constant(undefined),
  fc.record({ place: anyPlace, radius: fc.integer({ min: 1, max: 20_000 }) }).map(({ place, radius }) => ({
    kind: 'circle' as const,
    circle: { ...place, radius },
  })),
  fc.record({ place: anyPlace, half: fc.constantFrom(0, 0.01, 0.025, 0.1) }).map(({ place: { lat, lon }, half }) => ({
    kind: 'box' as const,
    box: {
      west: lon - half < -180 ? lon - half + 360 : lon - half,
      south: lat - half,
      east: lon + half > 180 ? lon + half - 360 : lon + half,
      north: lat + half,
    },
  })),
  fc.record({ place: anyPlace, size: fc.constantFrom(0.015, 0.05) }).map(({ place: { lat, lon }, size }) => ({
    kind: 'polygon' as const,
    polygon: [
      { lat: lat - size, lon },
      { lat: lat + size, lon: lon - size / 3 < -180 ? lon - size / 3 + 360 : lon - size / 3 },
      { lat: lat + size / 2, lon: lon + size > 180 ? lon + size - 360 : lon + size },
    ],
  })),
);

export const anySearch: fc.Arbitrary<Search> = fc
  .record({
    times: fc.tuple(anyTime, anyTime).filter(([a, b]) => a !== b),
    devices: fc.option(fc.subarray(['a', 'b', 'c', 'taxi-1', 'nobody'], { minLength: 1 }), { nil: undefined }),
    area: anyArea,
    sort: fc.constantFrom('time' as const, '-time' as const, 'distance' as const),
    near: anyPlace,
    limit: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 })),
  })
  .map(({ times: [a, b], near, ...rest }) => ({
    ...rest,
    from: Math.min(a, b),
    to: Math.max(a, b),
    near: rest.sort === 'distance' ? near : undefined,
  }));
