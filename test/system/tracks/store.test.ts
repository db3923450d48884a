import type { PositionBatch } from '../../../lambdas/contract/batch';
import { encodeBatch } from '../../../lambdas/contract/batch';
import type { Position } from '../../../lambdas/contract/position';
import type { Order, TrackPoint } from '../../../lambdas/tracks/decide';
import { TrackReads } from '../../../lambdas/tracks/read-store';
import { TrackReader } from '../../../lambdas/tracks/reader';
import { type TrackRequest, toCursor, toDeviceRequest, toTrackRequest } from '../../../lambdas/tracks/request';
import { TrackRows } from '../../../lambdas/tracks/store';
import { TrackWriter } from '../../../lambdas/tracks/writer';
import { startTable, type TestTable } from './table';

/** 2026-07-01T23:30:00Z: tracks run over midnight. */
const START = 1_782_948_600_000;
const RETENTION = 30;
const HOUR = 3_600_000;

jest.setTimeout(120_000);

let table: TestTable;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.stop());

const newWriter = () => new TrackWriter(new TrackRows(table.client, table.name, RETENTION), RETENTION);

async function write(list: PositionBatch[], writer = newWriter()): Promise<Set<string>> {
  const { refused, later } = await writer.write(
    list.map((value, index) => ({ sequence: String(index), value })),
    START,
  );
  return new Set([...refused, ...later]);
}

const batch = (device: string, task: string, points: Position[], by?: string): PositionBatch => ({
  device,
  task,
  at: START,
  points,
  ...(by !== undefined && { by }),
});

/** A point each 10 s from `start`. */
const ride = (start: number, count: number, stepMs = 10_000): Position[] =>
  Array.from({ length: count }, (_, index) => ({
    time: start + index * stepMs,
    lat: 41 + index / 1e5,
    lon: -8.6,
    speed: index % 30,
    heading: index % 360,
  }));

function readerWith(tail: PositionBatch[] = []) {
  const lines = tail.map((one) => `${one.at} ${new TextDecoder().decode(encodeBatch(one))}`);
  return new TrackReader(new TrackReads(table.client, table.name), { run: async () => [lines] });
}

const identity = (sub: string, ...roles: ('operator' | 'feeder')[]) => ({ sub, roles: new Set(roles) });
const operator = identity('olga', 'operator');

async function readAll(request: (cursor?: string) => TrackRequest, reader = readerWith(), who = operator) {
  const points: TrackPoint[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const asked = request(cursor);
    const page = await reader.page(asked, 'json', who);
    points.push(...page.points);
    cursor = page.next && toCursor(asked.scope, page.next);
    pages += 1;
  } while (cursor !== undefined);
  return { points, pages };
}

const all = { from: String(START - HOUR), to: String(START + 24 * HOUR) };
const device =
  (id: string, parameters: Record<string, string> = {}) =>
  (cursor?: string) =>
    toDeviceRequest({ id }, { ...all, ...parameters, ...(cursor && { cursor }) });
const track =
  (owner: string, task: string, parameters: Record<string, string> = {}) =>
  (cursor?: string) =>
    toTrackRequest({ owner, task }, { ...parameters, ...(cursor && { cursor }) });

const tracked = (task: string, points: Position[]) => points.map((point) => ({ task, ...point }));
const inOrder = (points: TrackPoint[], order: Order) =>
  points.toSorted((a, b) => (a.time - b.time || (a.task < b.task ? -1 : 1)) * (order === 'oldest' ? 1 : -1));

test('batches repeated, reordered and regrouped change no item', async () => {
  const points = ride(START, 400);
  const parts = Array.from({ length: 40 }, (_, index) =>
    batch('repeat', 'a', points.slice(index * 10, index * 10 + 10), index % 2 === 0 ? 'feeder-1' : undefined),
  );
  expect(await write(parts)).toEqual(new Set());
  const before = await table.items();
  await write(parts.toReversed());
  for (const part of parts) await write([part, part]);
  const moved = parts.map((part) => ({ ...part, points: part.points.map((point) => ({ ...point, lat: 0 })) }));
  await write(moved);
  expect(await table.items()).toEqual(before);
  expect(before.get('repeat|d2026-07-01#a')).toMatchObject({ hours: { NS: ['23'] }, reporters: { SS: ['feeder-1'] } });
  expect((await readAll(track('repeat', 'a'))).points).toEqual(tracked('a', points));
});

test('a thousand points of one minute go in by several updates', async () => {
  const points = ride(START, 1_000, 60);
  await write([batch('dense', 'a', points)]);
  expect((await readAll(track('dense', 'a'))).points).toEqual(tracked('a', points));
});

test.each<Order>(['oldest', 'newest'])(
  'pages of any size, %s first, visit each point of all tasks once',
  async (order) => {
    const id = `pages-${order}`;
    const tasks: Record<string, Position[]> = {
      a: ride(START, 300),
      b: ride(START + 5_000, 300),
      c: ride(START + 2 * HOUR, 50),
      d: ride(START, 10, 600_000),
    };
    const entries = Object.entries(tasks);
    const writer = newWriter();
    await write(
      entries.map(([task, points]) => batch(id, task, points)),
      writer,
    );
    const expected = inOrder(
      entries.flatMap(([task, points]) => tracked(task, points)),
      order,
    );
    for (const limit of ['41', '10000']) {
      expect((await readAll(device(id, { order, limit }))).points).toEqual(expected);
    }
    const few = { from: String(START + 61_000), to: String(START + HOUR), order };
    expect((await readAll(device(id, { ...few, limit: '50' }))).points).toEqual(
      expected.filter(({ time }) => time >= START + 61_000 && time < START + HOUR),
    );
    const one = inOrder(tracked('a', tasks.a ?? []), order);
    expect(await readAll(track(id, 'a', { order, limit: '100' }))).toEqual({ points: one, pages: 3 });
  },
);

test('points that only the tail has are read, and those of both once, as stored', async () => {
  const stored = ride(START, 30);
  const fresh = ride(START + 250_000, 20);
  await write([batch('tailed', 'a', stored)]);
  const changed = fresh.map((point) => ({ ...point, speed: 99 }));
  const reader = readerWith([batch('tailed', 'a', changed), batch('tailed', 'b', ride(START, 3))]);
  const both = [...stored, ...changed.filter(({ time }) => !stored.some((point) => point.time === time))];
  expect((await readAll(track('tailed', 'a', { limit: '7' }), reader)).points).toEqual(tracked('a', both));
  const { points } = await readAll(device('tailed', { limit: '7' }), reader);
  expect(points).toEqual(inOrder([...tracked('a', both), ...tracked('b', ride(START, 3))], 'oldest'));
});

/** 500 bytes of attributes a point: some 700 of them fill an item. */
const bulky = (start: number, count: number): Position[] =>
  ride(start, count, 20).map((point) => ({ ...point, attributes: { note: 'x'.repeat(240), more: 'y'.repeat(240) } }));

test('a minute of more than 400 KB goes on in rows beside it, and repeats change nothing', async () => {
  const points = bulky(START, 1_500);
  const sent = [points.slice(0, 650), points.slice(650, 1_000), points.slice(1_000)];
  for (const some of sent) expect(await write([batch('bulk', 'a', some)])).toEqual(new Set());
  const before = await table.items();
  const overflow = [...before.keys()].filter((key) => /^bulk#a\|r\d{8}s\d{3}$/.test(key));
  expect(overflow.length).toBeGreaterThan(1);
  const stored = [...before.values()].filter((item) => item.track?.S === 'bulk#a');
  const names = stored.flatMap((item) => Object.keys(item).filter((name) => /^p\d+$/.test(name)));
  expect(names).toHaveLength(1_500);
  await write([batch('bulk', 'a', points.slice(640, 700)), batch('bulk', 'a', points.toReversed())]);
  for (const point of points.slice(697, 703)) await write([batch('bulk', 'a', [point])]);
  expect(await table.items()).toEqual(before);
  for (const order of ['oldest', 'newest'] as const) {
    const { points: read } = await readAll(track('bulk', 'a', { order, limit: '10000' }));
    expect(read).toEqual(inOrder(tracked('a', points), order));
  }
});

test('a feeder reads what it reported, whoever else reported the device', async () => {
  await write([
    batch('shared', 'mine', ride(START, 5), 'feeder-1'),
    batch('shared', 'theirs', ride(START, 5), 'feeder-2'),
    batch('shared', 'own', ride(START, 5)),
  ]);
  const feeder = identity('feeder-1', 'feeder');
  const missing = { status: 404, code: 'track_not_found' };
  expect((await readAll(device('shared'), readerWith(), feeder)).points).toEqual(tracked('mine', ride(START, 5)));
  expect((await readAll(track('shared', 'mine'), readerWith(), feeder)).points).toHaveLength(5);
  await expect(readAll(track('shared', 'theirs'), readerWith(), feeder)).rejects.toMatchObject(missing);
  await expect(readAll(track('shared', 'own'), readerWith(), feeder)).rejects.toMatchObject(missing);
  await expect(readAll(device('shared'), readerWith(), identity('feeder-3', 'feeder'))).rejects.toMatchObject(missing);
  await expect(readAll(device('shared'), readerWith(), identity('feeder-1'))).rejects.toMatchObject(missing);
  expect((await readAll(device('shared'), readerWith(), identity('shared'))).points).toHaveLength(15);
});

test('what is not there is not found; a range without points of a track that is there is empty', async () => {
  await write([batch('there', 'a', ride(START, 1))]);
  const missing = { status: 404, code: 'track_not_found' };
  await expect(readAll(device('nowhere'))).rejects.toMatchObject(missing);
  await expect(readAll(track('there', 'b'))).rejects.toMatchObject(missing);
  const later = { from: String(START + 5 * HOUR), to: String(START + 6 * HOUR) };
  expect(await readAll(device('there', later))).toEqual({ points: [], pages: 1 });
  expect(await readAll(track('there', 'a', later))).toEqual({ points: [], pages: 1 });
});
