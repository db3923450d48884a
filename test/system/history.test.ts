import { DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import type { TrackedPosition } from '../../lambdas/contract/position';
import { exhaustive } from '../exhaustive';
import { allPages, byTime, everyDevice, groupBy, type Sent, sendDataset } from './history';
import { StackClient, startedStack } from './stack';

jest.setTimeout(900_000);

/** The complete run sends all taxis of the recorded morning. */
const taxis = exhaustive({ nth: 1, points: 47_304 }, { nth: 4, points: 12_762 });
/** Random queries. */
const QUERIES = exhaustive(200, 60);

let client: StackClient;
let operator: string;
let porto: Sent;
let austin: Sent;

beforeAll(async () => {
  // A stack of its own: nobody else's positions are among those counted here.
  client = new StackClient(await startedStack('history'));
  operator = await client.token('local-operator', 'operator');
  porto = await sendDataset(client, 'porto', everyDevice(taxis.nth));
  // The buses with fixes at (0, 0) are among the first.
  austin = await sendDataset(client, 'austin-2017', (set) => set.slice(0, exhaustive(4_000, 2_000)));
  await client.settled(850_000);
});

const at = ({ task, time, lat, lon, speed, attributes }: TrackedPosition) => ({
  task,
  time,
  lat,
  lon,
  speed,
  attributes,
});

test('all points of the Porto morning were accepted', () => {
  expect(porto.refused).toEqual([]);
  expect(porto.accepted.length).toBe(taxis.points);
});

test('of the Austin buses, the fixes at (0, 0) were refused, and nothing else', () => {
  const nowhere = austin.refused.filter(({ position }) => position.lat === 0 && position.lon === 0);
  expect(nowhere.length).toBeGreaterThan(0);
  expect(nowhere.length).toBe(austin.refused.length);
  expect(new Set(austin.refused.map(({ code }) => code))).toEqual(new Set(['null_island']));
  expect(austin.accepted.some(({ lat, lon }) => lat === 0 && lon === 0)).toBe(false);
});

test('every track reads back exactly as it was accepted, every point once', async () => {
  const tracks = groupBy([...porto.accepted, ...austin.accepted], ({ device, task }) => `${device}/${task}`);
  for (const [track, points] of tracks) {
    const read = await allPages<TrackedPosition>(client, `/v1/tracks/${track}?limit=10000`, operator, 'positions');
    expect({ track, read: read.map(at) }).toEqual({ track, read: [...points].sort(byTime).map(at) });
  }
});

test('a device’s positions over all its tasks read back exactly, page by page, newest first', async () => {
  const day = `from=${Date.now() - 86_400_000}&to=${Date.now() + 60_000}`;
  const devices = [...groupBy(porto.accepted, ({ device }) => device)].filter(
    (_, index) => index % exhaustive(6, 3) === 0,
  );
  for (const [device, points] of devices) {
    const path = `/v1/devices/${device}/tracks?${day}&order=newest&limit=97`;
    const read = await allPages<TrackedPosition>(client, path, operator, 'positions');
    expect({ device, read: read.map(at) }).toEqual({ device, read: [...points].sort(byTime).reverse().map(at) });
  }
});

test('the latest position of each taxi is its last point', async () => {
  for (const [device, points] of groupBy(porto.accepted, ({ device }) => device)) {
    const { body } = await client.request(`/v1/devices/${device}/position`, { token: operator });
    const newest = Math.max(...points.map(({ time }) => time));
    expect({ device, time: body.time }).toEqual({ device, time: newest });
    const there = points.filter(({ time }) => time === newest).map(({ lat, lon }) => ({ lat, lon }));
    expect(there).toContainEqual({ lat: body.lat, lon: body.lon });
  }
});

test('a late batch fills its track and never moves the latest position back', async () => {
  const [device = ''] = porto.accepted.map((position) => position.device);
  const before = (await client.request(`/v1/devices/${device}/position`, { token: operator })).body;
  const point = { time: before.time - 3_600_000 * 30, lat: 41.2, lon: -8.5 };
  await client.report([{ deviceId: device, taskId: 'late', points: [point] }]);
  expect((await client.request(`/v1/devices/${device}/position`, { token: operator })).body).toEqual(before);
  const { body } = await client.request(`/v1/tracks/${device}/late`, { token: operator });
  expect(body.positions).toEqual([{ task: 'late', ...point }]);
});

const RADIUS = 6_371_008.8;
const rad = (degrees: number) => (degrees * Math.PI) / 180;

/** Distance on the sphere by the law of cosines for chords: another way than the product’s. */
function metres(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const unit = ({ lat, lon }: { lat: number; lon: number }) => [
    Math.cos(rad(lat)) * Math.cos(rad(lon)),
    Math.cos(rad(lat)) * Math.sin(rad(lon)),
    Math.sin(rad(lat)),
  ];
  const [p, q] = [unit(a), unit(b)];
  const chord = Math.hypot(...p.map((x, index) => x - (q[index] ?? 0)));
  return 2 * RADIUS * Math.asin(Math.min(1, chord / 2));
}

interface Query {
  parameters: Record<string, string>;
  fits(position: TrackedPosition): boolean;
  near?: { lat: number; lon: number };
}

const places = [
  { lat: 41.158, lon: -8.62 },
  { lat: 30.27, lon: -97.74 },
];
const spread = fc.double({ min: 0.002, max: 0.08, noNaN: true });
const shift = fc.double({ min: -0.05, max: 0.05, noNaN: true });
const digits = (value: number) => Number(value.toFixed(5));

const areaArbitrary = fc
  .tuple(fc.constantFrom(...places), shift, shift, spread, spread, fc.constantFrom('box', 'circle', 'polygon', 'none'))
  .map(([place, dLat, dLon, height, width, kind]): Query => {
    const [lat, lon, h, w] = [digits(place.lat + dLat), digits(place.lon + dLon), digits(height), digits(width)];
    const inside = (p: TrackedPosition) => Math.abs(p.lat - lat) <= h && Math.abs(p.lon - lon) <= w;
    switch (kind) {
      case 'box': {
        const [west, south, east, north] = [lon - w, lat - h, lon + w, lat + h].map(digits) as [
          number,
          number,
          number,
          number,
        ];
        return {
          parameters: { box: [west, south, east, north].join() },
          fits: (p) => p.lat >= south && p.lat <= north && p.lon >= west && p.lon <= east,
        };
      }
      case 'circle': {
        const radius = Math.round(h * 60_000);
        return {
          parameters: { circle: `${lon},${lat},${radius}` },
          fits: (p) => metres(p, { lat, lon }) <= radius,
          near: { lat, lon },
        };
      }
      case 'polygon': {
        // A kite: its edges cut through the points at a slant; half-planes tell what lies within.
        const corners = [
          `${lon},${digits(lat + h)}`,
          `${digits(lon + w)},${lat}`,
          `${lon},${digits(lat - h)}`,
          `${digits(lon - w)},${lat}`,
        ];
        return {
          parameters: { polygon: corners.join(';') },
          fits: (p) => inside(p) && Math.abs(p.lat - lat) / h + Math.abs(p.lon - lon) / w < 1,
        };
      }
      default:
        return { parameters: {}, fits: () => true };
    }
  });

const queryArbitrary = fc.record({
  area: areaArbitrary,
  start: fc.nat(9 * 60),
  minutes: fc.integer({ min: 1, max: 90 }),
  devices: fc.option(fc.array(fc.nat(600), { minLength: 1, maxLength: 20 }), { freq: 3 }),
  sort: fc.constantFrom('time', '-time', 'distance'),
  limit: fc.constantFrom(50, 400, 10_000),
});

test('search over time, devices and area equals brute force on random queries', async () => {
  const all = [...porto.accepted, ...austin.accepted];
  const devices = [...new Set(all.map(({ device }) => device))];
  const end = Math.max(...all.map(({ time }) => time)) + 1;
  for (const { area, start, minutes, devices: picks, sort, limit } of fc.sample(queryArbitrary, {
    seed: 20261121,
    numRuns: QUERIES,
  })) {
    const from = end - 34_000_000 + start * 60_000;
    const to = from + minutes * 60_000;
    const chosen = picks?.map((pick) => devices[pick % devices.length] ?? '');
    const near = area.near ?? places[0] ?? { lat: 0, lon: 0 };
    const parameters = new URLSearchParams({
      ...{ from: String(from), to: String(to), sort, limit: String(limit), ...area.parameters },
      ...(chosen && { devices: chosen.join() }),
      ...(sort === 'distance' && { near: `${near.lon},${near.lat}` }),
    });
    const expected = all.filter(
      (p) => p.time >= from && p.time < to && (!chosen || chosen.includes(p.device)) && area.fits(p),
    );
    type Hit = TrackedPosition & { distance?: number };
    const found = await allPages<Hit>(client, `/v1/search?${parameters}`, operator, 'positions');
    const seen = (p: TrackedPosition) => `${p.time} ${p.device} ${p.task} ${p.lat} ${p.lon}`;
    const query = parameters.toString();
    if (sort === 'distance') {
      expect({ query, found: found.map(seen).sort() }).toEqual({ query, found: expected.map(seen).sort() });
      found.forEach((hit, index) => {
        expect(Math.abs((hit.distance ?? Number.NaN) - metres(hit, near))).toBeLessThan(0.01);
        expect(hit.distance ?? 0).toBeGreaterThanOrEqual(found[index - 1]?.distance ?? 0);
      });
    } else {
      const sorted = [...expected].sort(byTime);
      if (sort === '-time') sorted.reverse();
      expect({ query, found: found.map(seen) }).toEqual({ query, found: sorted.map(seen) });
    }
  }
});

const dynamodb = () => new DynamoDBClient(client.asRoot);

/** Every item of the table whose name has `part`, straight from the engine. */
async function items(part: RegExp): Promise<string[]> {
  const { TableNames = [] } = await dynamodb().send(new ListTablesCommand({}));
  const TableName = TableNames.find((name) => part.test(name));
  const found: string[] = [];
  for await (const page of paginateScan({ client: dynamodb() }, { TableName })) {
    for (const item of page.Items ?? [])
      found.push(JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))));
  }
  return found.sort();
}

test('both streams replayed from their start change no item and no document', async () => {
  const before = [await items(/tracks/i), await items(/partitions/i)];
  const search = `/v1/search?from=${Date.now() - 40_000_000}&to=${Date.now()}&limit=10000&box=-8.62,41.15,-8.61,41.16`;
  const hits = await allPages(client, search, operator, 'positions');
  expect(before[0]?.length).toBeGreaterThan(taxis.points / 5);
  for (const mapping of ['tracks', 'search']) await client.control('POST', `mappings/${mapping}/replay`);
  await client.settled(850_000);
  expect([await items(/tracks/i), await items(/partitions/i)]).toEqual(before);
  expect(await allPages(client, search, operator, 'positions')).toEqual(hits);
});
