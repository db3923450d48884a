import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { TrackedPosition } from '../../../lambdas/contract/position';
import { toRows } from '../../search/index-model';
import { changeOf, type SearchBody, type SearchStack, startSearchStack, toItem } from './stack';

let stack: SearchStack;

jest.setTimeout(60_000);

beforeAll(async () => {
  stack = await startSearchStack();
}, 120_000);

afterAll(() => stack?.stop(), 30_000);

const HOUR = 3_600_000;
const austin = { lat: 30.27, lon: -97.74 };
const at = (device: string, time: number, place: { lat: number; lon: number }): TrackedPosition => ({
  device,
  task: 't',
  time,
  ...place,
});

async function index(...positions: TrackedPosition[]): Promise<void> {
  const Records = toRows(positions).map((row) => changeOf('INSERT', toItem(row)));
  expect(await stack.onRows({ Records })).toEqual({ batchItemFailures: [] });
  await stack.refresh();
}

async function find(query: Record<string, string>): Promise<SearchBody> {
  const { status, body } = await stack.search(query);
  expect([status, body.code]).toEqual([200, undefined]);
  return body;
}

test.each([
  ['23', '2026-03-08', Date.UTC(2026, 2, 8, 6), 23],
  ['25', '2026-11-01', Date.UTC(2026, 10, 1, 5), 25],
])('Austin’s day of %s hours is one partition, from its first moment to its last', async (_, day, start, hours) => {
  const end = start + hours * HOUR;
  const device = `bus-${hours}`;
  await index(...[start - 1, start, end - 1, end].map((time) => at(device, time, austin)));
  const { partitions, positions } = await find({ from: String(start), to: String(end), devices: device });
  expect(positions.map(({ time }) => time)).toEqual([start, end - 1]);
  expect(partitions).toEqual([{ city: 'austin', day, tier: 'hot' }]);
  const { Item = {} } = await new DynamoDBClient({}).send(
    new GetItemCommand({ TableName: 'partitions', Key: { city: { S: 'austin' }, day: { S: day } } }),
  );
  const listed = { city: 'austin', day, tier: 'hot', from: start, to: end, index: `positions-austin-${day}` };
  expect(unmarshall(Item)).toEqual(listed);
});

test('a minute that crosses a city’s edge is in both partitions, and each of its points is found once', async () => {
  const time = Date.UTC(2026, 4, 4, 8);
  const way = [0, 1, 2, 3].map((step) => at('edge', time + step * 15_000, { lat: 41.15, lon: -8.61 - step * 0.05 }));
  await index(...way);
  const body = await find({ from: String(time), to: String(time + 60_000), devices: 'edge' });
  expect(body.positions).toEqual(way);
  expect(body.partitions.length).toBe(2);
});

test.each([
  ['a box', { box: '179.99,-17.01,-179.99,-16.99' }],
  ['a circle', { circle: '180,-17,1000' }],
  ['a polygon', { polygon: '179.99,-17.01;-179.99,-17.01;-179.99,-16.99;179.99,-16.99' }],
])('%s finds both sides of the antimeridian', async (_, area: Record<string, string>) => {
  const time = Date.UTC(2026, 5, 5, 8);
  const [west, east, far] = [179.995, -179.995, 179.95].map((lon, i) => at(`ship-${i}`, time, { lat: -17, lon }));
  if (!west || !east || !far) throw new Error('no ships');
  await index(west, east, far);
  const range = { from: String(time), to: String(time + 1) };
  expect((await find({ ...range, ...area })).positions).toEqual([west, east]);
  const nearest = await find({ ...range, sort: 'distance', near: '-179.996,-17' });
  expect(nearest.positions.map(({ device }) => device)).toEqual(['ship-1', 'ship-0', 'ship-2']);
});

test('positions in one place come in pages that miss none and repeat none', async () => {
  const time = Date.UTC(2026, 6, 6, 8);
  const crowd = Array.from({ length: 130 }, (_, i) => at(`d${String(i).padStart(3, '0')}`, time, austin));
  await index(...crowd);
  for (const sort of ['time', '-time', 'distance']) {
    const found: string[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const near = sort === 'distance' ? { near: '-97.7,30.2' } : undefined;
      const query = {
        from: String(time),
        to: String(time + 1),
        sort,
        limit: '9',
        ...near,
        ...(next && { cursor: next }),
      };
      const body: SearchBody = await find(query);
      found.push(...body.positions.map(({ device }) => device));
      next = body.next;
    }
    const names = crowd.map(({ device }) => device);
    expect(found).toEqual(sort === '-time' ? names.reverse() : names);
  }
});

test('a row that expired is found no more, and a late change does not bring it back', async () => {
  const time = Date.UTC(2026, 7, 7, 8);
  const position = at('gone', time, austin);
  await index(position, at('stays', time, austin));
  const item = toRows([position]).map(toItem)[0] ?? {};
  const removed = [changeOf('REMOVE', item)];
  expect(await stack.onRows({ Records: removed })).toEqual({ batchItemFailures: [] });
  expect(await stack.onRows({ Records: [changeOf('INSERT', item)] })).toEqual({ batchItemFailures: [] });
  await stack.refresh();
  const { positions } = await find({ from: String(time), to: String(time + 1) });
  expect(positions.map(({ device }) => device)).toEqual(['stays']);
});

test('a record that can’t be read is reported alone, and the rest of its batch is indexed', async () => {
  const time = Date.UTC(2026, 8, 8, 8);
  const item = toRows([at('fine', time, austin)]).map(toItem)[0] ?? {};
  const good = changeOf('INSERT', item);
  const { track: _, ...keyless } = item;
  const bad = changeOf('INSERT', keyless);
  expect(await stack.onRows({ Records: [bad, good] })).toEqual({
    batchItemFailures: [{ itemIdentifier: bad.dynamodb?.SequenceNumber }],
  });
  await stack.refresh();
  expect((await find({ from: String(time), to: String(time + 1) })).positions.length).toBe(1);
});

test('while the domain is away searches answer 503 and rows wait; both go on when it is back', async () => {
  const time = Date.UTC(2026, 9, 9, 8);
  const range = { from: String(time), to: String(time + 1) };
  await index(at('before', time, austin));
  await stack.engines.search?.stop();
  const away = await stack.search(range);
  expect([away.status, away.body.code]).toEqual([503, 'search_unavailable']);
  expect(away.headers).toHaveProperty('retry-after');
  const record = changeOf('INSERT', toRows([at('during', time, austin)]).map(toItem)[0] ?? {});
  const failed = { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }] };
  expect(await stack.onRows({ Records: [record] }, 0)).toEqual(failed);
  // Called again while the domain starts, the function waits for it.
  const waiting = stack.onRows({ Records: [record] }, 120_000);
  await stack.engines.search?.restart();
  expect(await waiting).toEqual({ batchItemFailures: [] });
  await stack.refresh();
  expect((await find(range)).positions.map(({ device }) => device)).toEqual(['before', 'during']);
}, 150_000);
