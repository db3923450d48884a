import fc from 'fast-check';
import { parseParameters } from '../../lambdas/contract/errors';
import { type Role, toIdentity } from '../../lambdas/contract/identity';
import { searchQuerySchema } from '../../lambdas/contract/reads';
import { inBox } from '../../lambdas/geo/area';
import { isSimple, widen } from '../../lambdas/search/areas';
import { toSearch } from '../../lambdas/search/request';

const times = { from: '2026-07-01', to: '2026-07-02' };
const as = (role: Role, sub = 'taxi-1') => toIdentity(sub, [role]);
const read = (query: Record<string, string>, identity = as('operator')) =>
  toSearch(parseParameters(searchQuerySchema, query), identity);

const square = '0,0;2,0;2,2;0,2';
const corners = (count: number) =>
  Array.from({ length: count }, (_, i) => [Math.cos((i * 2 * Math.PI) / count), Math.sin((i * 2 * Math.PI) / count)])
    .map((corner) => corner.map((figure) => figure.toFixed(6)).join(','))
    .join(';');

test.each<[string, Record<string, string>, string, string | undefined]>([
  ['no time', {}, 'missing_parameter', '?from'],
  ['a range that ends before it begins', { from: '2026-07-02', to: '2026-07-01' }, 'empty_range', '?from'],
  ['a range of no length', { from: '5', to: '5' }, 'empty_range', '?from'],
  ['more than 31 days', { from: '2026-07-01', to: '2026-08-01T00:00:01Z' }, 'range_too_long', '?to'],
  ['a box and a circle', { ...times, box: '0,0,1,1', circle: '0,0,1' }, 'too_many_areas', undefined],
  ['a polygon and a box', { ...times, polygon: square, box: '0,0,1,1' }, 'too_many_areas', undefined],
  ['a box upside down', { ...times, box: '0,1,1,0' }, 'invalid_parameter', '?box'],
  ['a box of three figures', { ...times, box: '0,1,1' }, 'invalid_parameter', '?box'],
  ['a box beyond a pole', { ...times, box: '0,0,1,90.1' }, 'invalid_parameter', '?box'],
  ['a box beyond 180°', { ...times, box: '0,0,180.1,1' }, 'invalid_parameter', '?box'],
  ['a figure with two points', { ...times, box: '0,0,1.2.3,1' }, 'invalid_parameter', '?box'],
  ['a polygon of two corners', { ...times, polygon: '0,0;1,1' }, 'invalid_parameter', '?polygon'],
  ['a polygon that crosses itself', { ...times, polygon: '0,0;2,2;2,0;0,2' }, 'invalid_parameter', '?polygon'],
  ['a polygon that touches itself', { ...times, polygon: '0,0;2,0;1,1;2,2;0,2;1,1' }, 'invalid_parameter', '?polygon'],
  ['a polygon that is a line', { ...times, polygon: '0,0;1,1;2,2' }, 'invalid_parameter', '?polygon'],
  ['a polygon of 201 corners', { ...times, polygon: corners(201) }, 'invalid_parameter', '?polygon'],
  ['a polygon half round the world', { ...times, polygon: '-90,0;90,0;0,10' }, 'invalid_parameter', '?polygon'],
  ['a circle without a size', { ...times, circle: '0,0,0' }, 'invalid_parameter', '?circle'],
  ['a circle larger than the world', { ...times, circle: '0,0,30000000' }, 'invalid_parameter', '?circle'],
  ['a circle beyond a pole', { ...times, circle: '0,91,5' }, 'invalid_parameter', '?circle'],
  ['a distance from nowhere', { ...times, sort: 'distance', box: '0,0,1,1' }, 'missing_parameter', '?near'],
  ['a distance from beyond a pole', { ...times, sort: 'distance', near: '0,95' }, 'invalid_parameter', '?near'],
  ['a place without distances', { ...times, near: '0,0' }, 'invalid_parameter', '?near'],
  ['an order that there is not', { ...times, sort: 'speed' }, 'invalid_parameter', '?sort'],
  ['a limit of none', { ...times, limit: '0' }, 'invalid_parameter', '?limit'],
  ['a limit too high', { ...times, limit: '10001' }, 'invalid_parameter', '?limit'],
  ['a device that can’t be one', { ...times, devices: 'a,b/c' }, 'invalid_parameter', '?devices'],
  ['a parameter that there is not', { ...times, vehicle: 'a' }, 'unknown_parameter', '?vehicle'],
])('refuses %s', (_, query, code, pointer) => {
  expect(() => read(query)).toThrow(
    expect.objectContaining({
      status: 400,
      code,
      extras: pointer === undefined ? {} : expect.objectContaining({ pointer }),
    }),
  );
});

test('takes 31 days, a closed polygon, one of 200 corners, and a box over the antimeridian', () => {
  expect(read({ from: '2026-07-01', to: '2026-08-01' }).to).toBe(Date.UTC(2026, 7, 1));
  expect(read({ ...times, polygon: `${square};0,0` }).area).toMatchObject({ polygon: { length: 4 } });
  expect(read({ ...times, polygon: corners(200) }).area).toMatchObject({ polygon: { length: 200 } });
  expect(read({ ...times, polygon: '179,0;-179,0;180,1' }).area).toMatchObject({ kind: 'polygon' });
  expect(read({ ...times, box: '170,-20,-170,-10' }).area).toMatchObject({ box: { west: 170, east: -170 } });
});

test('measures from the circle’s centre unless told another place', () => {
  const circle = { ...times, sort: 'distance', circle: '-8.61,41.15,500' };
  expect(read(circle).near).toEqual({ lat: 41.15, lon: -8.61 });
  expect(read({ ...circle, near: '1,2' }).near).toEqual({ lat: 2, lon: 1 });
});

test('an operator searches everything, a device only itself, others nothing', () => {
  expect(read(times).devices).toBeUndefined();
  expect(read({ ...times, devices: 'b,a,b' }).devices).toEqual(['a', 'b']);
  expect(read(times, as('device')).devices).toEqual(['taxi-1']);
  expect(read({ ...times, devices: 'taxi-1' }, as('device')).devices).toEqual(['taxi-1']);
  expect(() => read({ ...times, devices: 'taxi-1,taxi-2' }, as('device'))).toThrow(
    expect.objectContaining({ status: 403, code: 'not_yours' }),
  );
  for (const role of ['viewer', 'feeder'] as const) {
    expect(() => read(times, as(role))).toThrow(expect.objectContaining({ status: 403, code: 'role_missing' }));
  }
});

const grid = fc.record({ lat: fc.integer({ min: 0, max: 4 }), lon: fc.integer({ min: 0, max: 4 }) });
type Corner = { lat: number; lon: number };

/** Whether two segments share a point, told by sampling: corners on a grid of 5 meet at fractions below 1/32 apart. */
function crossesSomewhere(polygon: Corner[]): boolean {
  const n = polygon.length;
  const edge = (i: number): [Corner, Corner] => {
    const [a, b] = [polygon[i % n], polygon[(i + 1) % n]];
    if (!a || !b) throw new Error('no corner');
    return [a, b];
  };
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const shared = (i + 1) % n === j ? edge(i)[1] : (j + 1) % n === i ? edge(i)[0] : undefined;
      if (share(edge(i), edge(j), shared)) return true;
    }
  }
  return false;
}

/** Solves for the common point by Cramer's rule; a common stretch has both segments on one line. */
function share([a, b]: [Corner, Corner], [c, d]: [Corner, Corner], allowed: Corner | undefined): boolean {
  const [rx, ry, sx, sy] = [b.lon - a.lon, b.lat - a.lat, d.lon - c.lon, d.lat - c.lat];
  const det = rx * sy - ry * sx;
  const [qx, qy] = [c.lon - a.lon, c.lat - a.lat];
  if (det !== 0) {
    const [t, u] = [(qx * sy - qy * sx) / det, (qx * ry - qy * rx) / det];
    const meets = t >= 0 && t <= 1 && u >= 0 && u <= 1;
    const [x, y] = [a.lon + t * rx, a.lat + t * ry];
    return meets && !(allowed && Math.hypot(x - allowed.lon, y - allowed.lat) < 1e-9);
  }
  if (qx * ry - qy * rx !== 0) return false;
  const on = (p: Corner) => ((p.lon - a.lon) * rx + (p.lat - a.lat) * ry) / (rx * rx + ry * ry);
  const [from, to] = [Math.min(on(c), on(d)), Math.max(on(c), on(d))];
  const [low, high] = [Math.max(0, from), Math.min(1, to)];
  return allowed ? high - low > 1e-9 : high >= low;
}

test('tells a simple polygon from one whose edges cross or touch', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(grid, { minLength: 3, maxLength: 6, selector: ({ lat, lon }) => 5 * lat + lon }),
      (polygon) => {
        expect(isSimple(polygon)).toBe(!crossesSomewhere(polygon));
      },
    ),
    { numRuns: 3_000 },
  );
});

test('a widened box holds what the box holds after the index has rounded it', () => {
  const lon = fc.double({ min: -180, max: 180, noNaN: true });
  const lat = fc.double({ min: -90, max: 90, noNaN: true });
  const edge = fc.constantFrom(-180, -179.9999999, 179.9999999, 180);
  const anyLon = fc.oneof(lon, edge);
  fc.assert(
    fc.property(anyLon, anyLon, lat, lat, anyLon, lat, (west, east, lat1, lat2, pointLon, pointLat) => {
      const box = { west, east, south: Math.min(lat1, lat2), north: Math.max(lat1, lat2) };
      fc.pre(inBox({ lat: pointLat, lon: pointLon }, box));
      const steps = 2 ** 32;
      const rounded = (value: number, range: number) =>
        (Math.min(steps - 1, Math.floor(((value + range) / (2 * range)) * steps)) / steps) * 2 * range - range;
      expect(inBox({ lat: rounded(pointLat, 90), lon: rounded(pointLon, 180) }, widen(box))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
