import fc from 'fast-check';
import type { TrackedPosition } from '../../../lambdas/contract/position';
import { searchPageSchema } from '../../../lambdas/contract/reads';
import { serverMessages } from '../../../lambdas/contract/socket';
import type { Search } from '../../../lambdas/search/request';
import { readDataset } from '../../../replay/datasets';
import { bruteForce, toRows } from '../../search/index-model';
import { changeOf, operator, type SearchBody, type SearchStack, startSearchStack, toItem } from './stack';

jest.setTimeout(120_000);

let stack: SearchStack;
let positions: TrackedPosition[];

/** Porto's morning, and a quarter of Austin's buses, shifted to the same day so that a search can span both cities. */
async function recorded(): Promise<TrackedPosition[]> {
  const porto = await readDataset('porto');
  const austin = (await readDataset('austin-2015')).filter(({ device }) => /[048]$/.test(device));
  const shift = Math.round(((porto[0]?.point.time ?? 0) - (austin[0]?.point.time ?? 0)) / 3_600_000) * 3_600_000;
  const once = new Map<string, TrackedPosition>();
  for (const { device, task, point } of porto) add({ device, task, ...point });
  for (const { device, task, point } of austin) add({ device, task, ...point, time: point.time + shift });
  function add(position: TrackedPosition) {
    const key = `${position.device}#${position.task}#${position.time}`;
    if (!once.has(key)) once.set(key, position);
  }
  return [...once.values()];
}

beforeAll(async () => {
  [stack, positions] = await Promise.all([startSearchStack(), recorded()]);
  const records = toRows(positions).map((row) => changeOf('INSERT', toItem(row)));
  for (let i = 0; i < records.length; i += 1_000) {
    const { batchItemFailures } = await stack.onRows({ Records: records.slice(i, i + 1_000) });
    expect(batchItemFailures).toEqual([]);
  }
  await stack.refresh();
}, 400_000);

afterAll(() => stack?.stop(), 30_000);

const rounded = (value: number) => Math.round(value * 1e5) / 1e5;

/** A search around real positions: areas, times and devices that do have hits. */
function anySearch(): fc.Arbitrary<Search> {
  const somewhere = fc.constantFrom(...positions.filter((_, i) => i % 17 === 0));
  const area: fc.Arbitrary<Search['area']> = fc.oneof(
    fc.constant(undefined),
    fc.tuple(somewhere, fc.integer({ min: 1, max: 4_000 })).map(([{ lat, lon }, radius]) => ({
      kind: 'circle' as const,
      circle: { lat, lon, radius },
    })),
    // Corners on positions themselves: edges are included.
    fc.tuple(somewhere, somewhere).map(([a, b]) => ({
      kind: 'box' as const,
      box: {
        west: Math.min(a.lon, b.lon),
        east: Math.max(a.lon, b.lon),
        south: Math.min(a.lat, b.lat),
        north: Math.max(a.lat, b.lat),
      },
    })),
    fc.tuple(somewhere, fc.integer({ min: 3, max: 9 }), fc.integer({ min: 1, max: 60 })).map(([at, corners, size]) => ({
      kind: 'polygon' as const,
      // A star: every other corner further in.
      polygon: Array.from({ length: 2 * corners }, (_, i) => ({
        lat: rounded(at.lat + (Math.sin((i * Math.PI) / corners) * size * (1 + (i % 2))) / 1_000),
        lon: rounded(at.lon + (Math.cos((i * Math.PI) / corners) * size * (1 + (i % 2))) / 1_000),
      })),
    })),
  );
  return fc
    .record({
      start: somewhere,
      span: fc.constantFrom(1, 61_000, 600_000, 3_600_000, 40 * 3_600_000),
      before: fc.integer({ min: 0, max: 60_000 }),
      devices: fc.option(fc.array(somewhere, { minLength: 1, maxLength: 5 }), { nil: undefined, freq: 2 }),
      area,
      sort: fc.constantFrom('time' as const, '-time' as const, 'distance' as const),
      near: somewhere,
    })
    .map(({ start, span, before, devices, area, sort, near }) => ({
      from: Math.max(0, start.time - Math.min(before, span - 1)),
      to: start.time - Math.min(before, span - 1) + span,
      devices: devices?.map(({ device }) => device),
      area,
      sort,
      near: sort === 'distance' ? { lat: near.lat, lon: near.lon } : undefined,
      limit: 10_000,
    }));
}

function toQuery({ from, to, devices, area, sort, near }: Search, limit: number): Record<string, string> {
  const query: Record<string, string> = {
    from: String(from),
    to: new Date(to).toISOString(),
    sort,
    limit: String(limit),
  };
  if (devices) query.devices = devices.join(',');
  if (near) query.near = `${near.lon},${near.lat}`;
  if (area?.kind === 'box') query.box = [area.box.west, area.box.south, area.box.east, area.box.north].join(',');
  if (area?.kind === 'circle') query.circle = [area.circle.lon, area.circle.lat, area.circle.radius].join(',');
  if (area?.kind === 'polygon') query.polygon = area.polygon.map(({ lon, lat }) => `${lon},${lat}`).join(';');
  return query;
}

/** Pages through a search, `most` hits at most. */
async function findAll(search: Search, limit: number, most: number): Promise<SearchBody['positions']> {
  const found: SearchBody['positions'] = [];
  let cursor: string | undefined;
  do {
    const { status, body } = await stack.search({ ...toQuery(search, limit), ...(cursor && { cursor }) });
    expect([status, body.code]).toEqual([200, undefined]);
    searchPageSchema.parse(body);
    found.push(...body.positions);
    cursor = body.next;
  } while (cursor && found.length < most);
  return found;
}

const plain = ({ distance: _, ...position }: TrackedPosition & { distance?: number }): TrackedPosition => position;

test('random searches over two cities equal a filter over all positions, page after page', async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(anySearch(), fc.constantFrom(7, 100, 1_000, 10_000), async (search, limit) => {
      const most = limit * 6;
      const expected = bruteForce(positions, search);
      const found = await findAll(search, limit, most);
      expect(found.map(plain)).toEqual(expected.slice(0, Math.max(found.length, Math.min(most, expected.length))));
      hits += found.length;
    }),
    { numRuns: 40, endOnFailure: true },
  );
  // Else next to nothing was compared.
  expect(hits).toBeGreaterThan(1_000);
}, 400_000);

const [morning, evening] = [Date.UTC(2013, 6, 1), Date.UTC(2013, 6, 2)];
const porto = { lat: 41.15, lon: -8.61 };
const everything: Search = {
  from: morning,
  to: evening,
  devices: undefined,
  area: undefined,
  sort: 'time',
  near: undefined,
  limit: 10_000,
};

test('the whole of both sets comes out in order, every position once', async () => {
  const search = { ...everything, from: morning - 40 * 3_600_000, to: evening + 40 * 3_600_000 };
  const found = await findAll(search, 10_000, Number.POSITIVE_INFINITY);
  expect(found.length).toBe(positions.length);
  expect(found).toEqual(bruteForce(positions, search));
});

test('the nearest come first, with their distance in metres', async () => {
  const { body } = await stack.search(toQuery({ ...everything, sort: 'distance', near: porto }, 20));
  const distances = body.positions.map(({ distance }) => distance ?? Number.NaN);
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  expect(distances[0]).toBeLessThan(50);
  expect(body.positions.map(plain)).toEqual(
    bruteForce(positions, { ...everything, sort: 'distance', near: porto }).slice(0, 20),
  );
});

test('a version that comes late, and a replay from the start, change nothing', async () => {
  const [row] = toRows(positions).filter(({ points }) => points.length === 4);
  if (!row) throw new Error('no full row');
  const search = { ...everything, devices: [row.device] };
  const before = await findAll(search, 10_000, 10_000);
  const late = changeOf('INSERT', toItem({ ...row, points: row.points.slice(0, 2) }));
  const again = changeOf('MODIFY', toItem(row));
  expect(await stack.onRows({ Records: [late] })).toEqual({ batchItemFailures: [] });
  expect(await stack.onRows({ Records: [again, late] })).toEqual({ batchItemFailures: [] });
  await stack.refresh();
  expect(await findAll(search, 10_000, 10_000)).toEqual(before);
});

test('a device finds its own, and nobody else’s', async () => {
  const [first] = positions;
  if (!first) throw new Error('no position');
  const own = { sub: first.device, roles: 'device' };
  const query = toQuery(everything, 10_000);
  const { body } = await stack.search(query, own);
  expect(body.positions).toEqual(bruteForce(positions, { ...everything, devices: [first.device] }));
  const other = await stack.search({ ...query, devices: 'taxi-other' }, own);
  expect([other.status, other.body.code]).toEqual([403, 'not_yours']);
  const viewer = await stack.search(query, { sub: 'v', roles: 'viewer' });
  expect([viewer.status, viewer.body.code]).toEqual([403, 'role_missing']);
});

test('a cursor goes with the search that it came from', async () => {
  const { body } = await stack.search(toQuery(everything, 5));
  const foreign = await stack.search({ ...toQuery({ ...everything, sort: '-time' }, 5), cursor: body.next ?? '' });
  expect([foreign.status, foreign.body.code]).toEqual([400, 'foreign_cursor']);
});

test('over WebSocket each partition comes in frames below 32 KB, then done', async () => {
  const query = toQuery({ ...everything, from: morning - 40 * 3_600_000, to: evening + 40 * 3_600_000 }, 10_000);
  const { answer, frames, sizes } = await stack.overSocket({ type: 'search', id: 's1', ...query });
  for (const frame of frames) serverMessages.partition.parse(frame);
  serverMessages.done.parse(answer);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(32 * 1024);
  const got = frames.flatMap((frame) => (Array.isArray(frame.positions) ? frame.positions : []));
  expect(got.length).toBe(10_000);
  expect(answer).toMatchObject({ type: 'done', id: 's1', positions: 10_000 });
  const byPartition = new Map<string, TrackedPosition[]>();
  for (const { partition, positions: part } of frames) {
    const key = JSON.stringify(partition);
    if (Array.isArray(part)) byPartition.set(key, [...(byPartition.get(key) ?? []), ...part]);
  }
  for (const part of byPartition.values()) {
    expect(part.map(({ time }) => time)).toEqual(part.map(({ time }) => time).sort((a, b) => a - b));
  }
});

test('over WebSocket the nearest of all partitions come, each with its own', async () => {
  const search = { ...everything, sort: 'distance' as const, near: porto };
  const { frames } = await stack.overSocket({ type: 'search', id: 's2', ...toQuery(search, 50) });
  const got = frames.flatMap((frame) => (Array.isArray(frame.positions) ? frame.positions : []));
  const key = ({ device, time }: TrackedPosition) => `${device} ${time}`;
  expect(got.map(key).sort()).toEqual(bruteForce(positions, search).slice(0, 50).map(key).sort());
});

test('over WebSocket a mistake comes back as an error frame with the message’s id', async () => {
  const { answer } = await stack.overSocket({ type: 'search', id: 's3', from: 5, to: 5 });
  expect(answer).toMatchObject({ type: 'error', id: 's3', code: 'empty_range', pointer: '/from' });
  const denied = await stack.overSocket({ type: 'search', id: 's4', from: 5, to: 6 }, { ...operator, roles: 'viewer' });
  expect(denied.answer).toMatchObject({ type: 'error', id: 's4', code: 'role_missing' });
});
