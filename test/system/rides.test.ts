import { DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Position, TrackedPosition } from '../../lambdas/contract/position';
import type { MeterLine } from '../../local/model';
import { portoTracks, recomputed } from '../rides/tracks';
import { allPages } from './history';
import { type Answer, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

let client: StackClient;
let ada: string;
let olga: string;
/** Trips of Porto's taxis, an hour old. */
let trips: Position[][];
const now = Date.now();

beforeAll(async () => {
  client = new StackClient(await startedStack('rides'));
  ada = await client.token('ada', 'device');
  olga = await client.token('olga', 'operator');
  trips = (await portoTracks(3)).map((points) => {
    const shift = now - 3_600_000 - (points.at(-1)?.time ?? 0);
    return points.map((point) => ({ ...point, time: point.time + shift }));
  });
});

const begin = (task: string, activity: string, token = ada) =>
  client.request('/v1/rides', { token, body: { task, activity } });
const finish = (task: string, token = ada) => client.request(`/v1/rides/${task}/finish`, { token, method: 'POST' });
const ride = (task: string, token = ada) => client.request(`/v1/rides/${task}`, { token });
const report = (deviceId: string, taskId: string, points: Position[]) => client.report([{ deviceId, taskId, points }]);

/** The next page by arrival. */
const arrivals = (track: string, cursor: string | undefined, token = ada, limit = 1_000): Promise<Answer> =>
  client.request(`/v1/tracks/${track}?order=arrival&limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`, { token });

/** Every point by arrival, to where nothing new comes. */
async function allArrivals(
  track: string,
  from?: string,
  limit = 7,
): Promise<{ points: TrackedPosition[]; next: string }> {
  const points: TrackedPosition[] = [];
  for (let next = from; ; ) {
    const { body } = await arrivals(track, next, ada, limit);
    points.push(...body.positions);
    next = body.next;
    if (body.positions.length === 0 && next !== undefined) return { points, next };
  }
}

const times = (points: readonly Position[]) => points.map(({ time }) => time).sort((a, b) => a - b);

test('a ride begun twice is one ride; another activity is refused', async () => {
  const first = await begin('begun', 'cycling');
  expect(first).toMatchObject({
    status: 201,
    body: { owner: 'ada', task: 'begun', state: 'active', activity: 'cycling' },
  });
  expect(await begin('begun', 'cycling')).toMatchObject({ status: 200, body: first.body });
  expect(await begin('begun', 'running')).toMatchObject({ status: 409, body: { code: 'ride_exists' } });
  expect((await ride('begun')).body).toEqual(first.body);
});

test('a ride that has no point yet reads as empty by arrival, and leads on', async () => {
  await begin('empty', 'cycling');
  const { status, body } = await arrivals('ada/empty', undefined);
  expect({ status, positions: body.positions }).toEqual({ status: 200, positions: [] });
  expect((await arrivals('ada/empty', body.next)).body).toEqual(body);
});

test('an unknown task is not found, whatever is asked of it', async () => {
  expect(await ride('unknown')).toMatchObject({ status: 404, body: { code: 'ride_not_found' } });
  expect(await finish('unknown')).toMatchObject({ status: 404, body: { code: 'ride_not_found' } });
  expect(await arrivals('ada/unknown', undefined)).toMatchObject({ status: 404, body: { code: 'track_not_found' } });
});

test('a ride that arrives mixed up, repeated and late has the figures of its stored points, and is polled once each', async () => {
  const [points = []] = trips;
  const late = points.slice(20, 60);
  const rest = points.filter((point) => !late.includes(point));
  await begin('trip', 'driving');
  const seen: TrackedPosition[] = [];
  let next: string | undefined;
  for (const batch of [rest.slice(50), rest.slice(0, 70), late, rest, late.slice(3)]) {
    await report('ada', 'trip', batch);
    await client.settled();
    const polled = await allArrivals('ada/trip', next);
    seen.push(...polled.points);
    next = polled.next;
  }
  expect(times(seen)).toEqual(times(points));
  const { body } = await ride('trip');
  expect(body.statistics).toEqual(recomputed(points));
  expect(body.lateArrivalAt).toBeGreaterThan(now);
});

test('a ride is finished once: the second time is the same answer, and late points still count', async () => {
  const [, points = []] = trips;
  await report('ada', 'finished', points.slice(0, 100));
  await client.settled();
  const first = await finish('finished');
  expect(first).toMatchObject({ status: 200, body: { state: 'finished', finishedAt: expect.any(Number) } });
  await report('ada', 'finished', points.slice(100));
  await client.settled();
  expect(await finish('finished')).toMatchObject({ status: 200, body: first.body });
  const { body } = await ride('finished');
  expect(body).toMatchObject({ ...first.body, statistics: { points: points.length } });
});

test('a device that names no task has a ride each local day', async () => {
  // Evening and morning in Porto, which is an hour ahead of UTC in summer or on it in winter.
  const noon = Date.parse(`${new Date(now - 3 * 86_400_000).toISOString().slice(0, 10)}T12:00:00Z`);
  const points = [noon, noon + 86_400_000].map((time) => ({ time, lat: 41.15, lon: -8.61 }));
  await client.report([{ deviceId: 'bea', points }]);
  await client.settled();
  const bea = await client.token('bea', 'device');
  const { body } = await client.request('/v1/rides', { token: bea });
  const days = points.map(({ time }) => new Date(time).toISOString().slice(0, 10));
  expect(body.rides.map(({ task }: { task: string }) => task)).toEqual(days.toReversed());
  expect(body.rides[0]).toMatchObject({ owner: 'bea', state: 'active', statistics: { points: 1, distance: 0 } });
});

test('the history is the owner’s, newest first, page by page', async () => {
  for (let hour = 5; hour > 0; hour -= 1)
    await report('cleo', `h${hour}`, [{ time: now - hour * 3_600_000, lat: 41, lon: -8 }]);
  await client.settled();
  const cleo = await client.token('cleo', 'device');
  const rides = await allPages<{ task: string }>(client, '/v1/rides?limit=2', cleo, 'rides');
  expect(rides.map(({ task }) => task)).toEqual(['h1', 'h2', 'h3', 'h4', 'h5']);
  const { body } = await client.request('/v1/rides?owner=cleo&limit=2', { token: olga });
  expect(body.rides.map(({ task }: { task: string }) => task)).toEqual(['h1', 'h2']);
  expect(await client.request('/v1/rides?owner=cleo', { token: ada })).toMatchObject({
    status: 403,
    body: { code: 'not_yours' },
  });
  const foreign = await client.request(`/v1/rides?cursor=${body.next}`, { token: ada });
  expect(foreign).toMatchObject({ status: 400, body: { code: 'foreign_cursor' } });
});

test('a cursor of another track is refused, and nobody reads another’s track by one', async () => {
  const { body } = await arrivals('ada/trip', undefined, ada, 5);
  expect(await arrivals('ada/finished', body.next)).toMatchObject({ status: 400, body: { code: 'foreign_cursor' } });
  const eve = await client.token('eve', 'device');
  expect(await arrivals('ada/trip', body.next, eve)).toMatchObject({ status: 404, body: { code: 'track_not_found' } });
  const bare = await client.request(`/v1/tracks/ada/trip?limit=5&cursor=${body.next}`, { token: ada });
  expect(bare.body).toEqual((await arrivals('ada/trip', body.next, ada, 5)).body);
});

test('a poll that finds nothing is one query of at most one read unit', async () => {
  const { next } = await allArrivals('ada/trip');
  const spent = async () => {
    const lines: MeterLine[] = await client.control('GET', 'meter');
    const reads = lines.filter((line) => line.function.startsWith('TracksOnRead') && line.service === 'dynamodb');
    const sum = (of: (line: MeterLine) => number) => reads.reduce((all, line) => all + of(line), 0);
    const units = sum((line) => line.units.readUnits ?? 0);
    return { calls: sum((line) => line.calls), units };
  };
  const before = await spent();
  expect((await arrivals('ada/trip', next)).body.positions).toEqual([]);
  const after = await spent();
  expect(after.calls - before.calls).toBe(1);
  expect(after.units - before.units).toBeLessThanOrEqual(1);
});

/** Every item of the rides table. */
async function items(): Promise<Map<string, unknown>> {
  const dynamodb = new DynamoDBClient(client.asRoot);
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  const found = new Map<string, unknown>();
  for await (const { Items = [] } of paginateScan(
    { client: dynamodb },
    { TableName: TableNames.find((name) => /rides/i.test(name)) },
  )) {
    for (const item of Items) found.set(`${item.owner?.S} ${item.ride?.S}`, item);
  }
  return found;
}

test('the stream of tracks replayed from its start changes no item', async () => {
  const before = await items();
  expect(before.size).toBeGreaterThan(10);
  await client.control('POST', 'mappings/rides/replay');
  await client.settled();
  expect(await items()).toEqual(before);
});
