import { localDayBounds } from '../../lambdas/geo/local-day';
import { regionOf } from '../../lambdas/geo/region';
import { eventually, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

const HOUR = 3_600_000;
const ZONE = 'America/Chicago';
const austin = { lat: 30.27, lon: -97.74 };

let client: StackClient;
let operator: string;

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  operator = await client.token('olga', 'operator');
});

async function find(device: string, from: number, to: number, more = '') {
  const path = `/v1/search?devices=${device}&from=${from}&to=${to}${more}`;
  const { status, body } = await client.request(path, { token: operator });
  expect({ status, next: body.next }).toEqual({ status: 200, next: undefined });
  return { partitions: body.partitions, times: body.positions.map(({ time }: { time: number }) => time) };
}

/** Reports, and waits until all of it is found: an index shows what was written to it within a second. */
async function report(deviceId: string, points: { time: number; lat: number; lon: number }[], taskId?: string) {
  await client.report([{ deviceId, points, ...(taskId && { taskId }) }]);
  await client.settled();
  const times = points.map(({ time }) => time);
  const [from, to] = [Math.min(...times), Math.max(...times) + 1];
  await eventually(async () => (await find(deviceId, from, to)).times.length >= points.length);
}

/** The last day of so many hours in Chicago that is over: by the clock on its walls, not by the product’s. */
function lastDayOf(hours: number): { day: string; from: number } {
  const wall = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, dateStyle: 'short' });
  const hour = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', hourCycle: 'h23' });
  for (let time = Math.floor(Date.now() / HOUR) * HOUR - 25 * HOUR; ; time -= HOUR) {
    const day = wall.format(time);
    const ends = wall.format(time + hours * HOUR) !== day && wall.format(time + (hours - 1) * HOUR) === day;
    if (hour.format(time) === '00' && wall.format(time - 1) !== day && ends) return { day, from: time };
  }
}

test.each([23, 25])(
  'Austin’s day of %i hours is one partition, and each of its points is found once',
  async (hours) => {
    const { day, from } = lastDayOf(hours);
    const to = from + hours * HOUR;
    const device = `austin-${hours}`;
    // Every half hour, the first and the last moment, and the neighbours on either side.
    const inside = [...Array.from({ length: 2 * hours }, (_, index) => from + (index * HOUR) / 2), to - 1];
    const times = [from - 1, ...inside, to];
    await report(
      device,
      times.map((time) => ({ time, ...austin })),
    );

    expect(await find(device, from, to)).toEqual({ partitions: [{ city: 'austin', day, tier: 'hot' }], times: inside });
    const [before, , after] = (await find(device, from - 1, to + 1)).partitions;
    expect([before, after]).toMatchObject([{ city: 'austin' }, { city: 'austin' }]);
    expect((await find(device, from - HOUR, to + HOUR)).times).toEqual(times);

    // Without a task of its own a point belongs to its local day: the track has the same bounds as the partition.
    const { body } = await client.request(`/v1/tracks/${device}/${day}?limit=100`, { token: operator });
    expect(body.positions.map(({ time }: { time: number }) => time)).toEqual(inside);
  },
);

test('a partition comes over WebSocket as a frame, the days in order', async () => {
  const { day, from } = lastDayOf(25);
  const socket = await client.socket(operator);
  const message = { type: 'search', id: 'days', devices: 'austin-25', from: from - 1, to: from + 26 * HOUR };
  const done = await socket.ask(message, ({ type }) => type === 'done');
  expect(done).toEqual({ type: 'done', id: 'days', partitions: 3, positions: 53 });
  const frames = socket.frames.filter(({ type }) => type === 'partition');
  expect(frames.map(({ positions }) => positions.length)).toEqual([1, 51, 1]);
  expect(frames[1].partition).toEqual({ city: 'austin', day, tier: 'hot' });
  socket.close();
});

test('a minute that crosses Porto’s edge is in both partitions, and each of its points is counted once', async () => {
  // Southwards out of the city, at noon: the same day by its clock and by UTC, which the land around goes by.
  const minute = Math.floor((Date.now() - 30 * HOUR) / (24 * HOUR)) * 24 * HOUR + 12 * HOUR;
  const way = [0, 1, 2, 3].map((step) => ({ time: minute + step * 15_000, lat: 41.095 - step * 0.015, lon: -8.61 }));
  const cities = way.map(({ lat, lon }) => regionOf(lat, lon).city);
  expect([cities[0], cities[3]]).toEqual(['porto', expect.not.stringMatching('porto')]);
  await report('crossing', way, 'bridge');

  const times = way.map(({ time }) => time);
  const day = new Date(minute).toISOString().slice(0, 10);
  const found = await find('crossing', minute, minute + 60_000);
  expect(found.times).toEqual(times);
  // Others may have reported elsewhere on that day: their partitions are searched too.
  const both = [...new Set(cities)].map((city) => ({ city, day, tier: 'hot' }));
  expect(found.partitions).toEqual(expect.arrayContaining(both));
  // An area on one side leaves the other side’s partition and points out, though they share a row.
  const south = await find('crossing', minute, minute + 60_000, '&box=-8.62,41.04,-8.60,41.06');
  expect(south.times).toEqual(times.slice(3));
  // A search that ends within the minute has what comes before it.
  expect((await find('crossing', minute, minute + 15_001)).times).toEqual(times.slice(0, 2));
});

test('the bounds of a local day are those of the wall clock', () => {
  for (const hours of [23, 25]) {
    const { day, from } = lastDayOf(hours);
    expect(localDayBounds(day, ZONE)).toEqual({ from, to: from + hours * HOUR });
  }
});
