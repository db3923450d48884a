import { type Area, boxAround, widen } from './areas';
import type { Order, SortValues } from './order';
import type { Stage } from './plan';
import type { Search } from './request';

/** An area a little wider, as the index asks for it: rows with a point in it. */
function areaFilter(area: Area): object {
  if (area.kind === 'circle') {
    const { lat, lon, radius } = area.circle;
    return { geo_distance: { distance: `${radius * (1 + 1e-6) + 1}m`, path: [lon, lat] } };
  }
  const { west, south, east, north } = widen(boxAround(area));
  return { geo_bounding_box: { path: { top: north, left: west, bottom: south, right: east } } };
}

/** The rows that may hold a hit of a stage: what the index can rule out, it rules out; the rest is decided exactly. */
export function rowsQuery(
  { devices, area }: Search,
  { from, to }: Pick<Stage, 'from' | 'to'>,
  order: Order,
  size: number,
  after: SortValues | undefined,
): object {
  const filter = [
    { range: { from: { lt: to } } },
    { range: { to: { gte: from } } },
    ...(devices ? [{ terms: { device: devices } }] : []),
    ...(area ? [areaFilter(area)] : []),
  ];
  return {
    size,
    track_total_hits: false,
    _source: ['device', 'task', 'from', 'points'],
    query: { bool: { filter } },
    sort: order.sort,
    ...(after && { search_after: after }),
  };
}
