import type { PositionBatch } from '../../../lambdas/contract/batch';
import { LastKnown } from '../../../lambdas/latest/last-known';
import { TrackRows } from '../../../lambdas/tracks/store';
import { TrackWriter } from '../../../lambdas/tracks/writer';
import { startTable, type TestTable } from '../tracks/table';

jest.setTimeout(120_000);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Math.floor(Date.now() / DAY) * DAY + 12 * HOUR;

let table: TestTable;
let lastKnown: LastKnown;
let rows: TrackRows;

beforeAll(async () => {
  table = await startTable();
  lastKnown = new LastKnown(table.client, table.name);
  rows = new TrackRows(table.client, table.name, 30);
});
afterAll(() => table?.stop());

const point = (time: number, note = '') => ({ time, lat: 1, lon: 2, ...(note !== '' && { attributes: { note } }) });

async function store(...batches: Omit<PositionBatch, 'at'>[]): Promise<void> {
  const received = batches.map((batch, index) => ({ sequence: String(index), value: { ...batch, at: now } }));
  expect(await new TrackWriter(rows, 30).write(received, now)).toMatchObject({ refused: new Set(), later: new Set() });
}

const read = (device: string, by?: string) => lastKnown.read(device, by, new AbortController().signal);

test('a device that nobody has heard of has no position', async () => {
  expect(await read('nobody')).toBeUndefined();
});

test('the newest position over all tasks, hours and days is found, whatever came last', async () => {
  const batches = [
    { device: 'many', task: 'z-old', points: [point(now - 3 * DAY), point(now - DAY)] },
    { device: 'many', task: 'morning', points: [point(now - 2 * HOUR), point(now + 5_000), point(now + 65_000)] },
    { device: 'many', task: 'b', points: [point(now + 64_999), point(now + 10)] },
    { device: 'many', task: 'a', points: [point(now - HOUR)] },
    { device: 'many-2', task: 'other', points: [point(now + 70_000)] },
  ];
  await store(...batches);
  await store({ device: 'many', task: 'late', points: [point(now - 20 * DAY)] });
  expect(await read('many')).toEqual({ device: 'many', task: 'morning', position: point(now + 65_000) });
});

test('more tasks on a day than a query takes are all looked at', async () => {
  const batches = Array.from({ length: 60 }, (_, index) => ({
    device: 'busy',
    task: `t${String(index).padStart(2, '0')}`,
    points: [point(now - HOUR * (1 + (index % 3)) + index)],
  }));
  await store(...batches, { device: 'busy', task: 'a-first', points: [point(now + 1)] });
  expect((await read('busy'))?.task).toBe('a-first');
});

test('an hour that is registered and has no row yet does not hide the one before', async () => {
  await store({ device: 'early', task: 't', points: [point(now - HOUR)] });
  await rows.register({ device: 'early', task: 't', hour: now, by: undefined, sequences: new Set() });
  expect((await read('early'))?.position.time).toBe(now - HOUR);
});

test('a feeder is told of the tasks that it reported', async () => {
  await store(
    { device: 'fed', task: 'theirs', by: 'other', points: [point(now + 2_000)] },
    { device: 'fed', task: 'ours', by: 'feeder', points: [point(now + 1_000)] },
  );
  expect(await read('fed', 'feeder')).toEqual({
    device: 'fed',
    task: 'ours',
    by: 'feeder',
    position: point(now + 1_000),
  });
  expect(await read('fed', 'stranger')).toBeUndefined();
});

test('a minute that overflowed ends where its newest point is, in whichever row', async () => {
  const large = 'x'.repeat(250);
  const attributes = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`a${index}`, large]));
  const heavy = (time: number) => ({ ...point(time), attributes });
  const minute = Array.from({ length: 260 }, (_, index) => heavy(now + 30_000 + index));
  await store({ device: 'heavy', task: 't', points: [...minute, heavy(now + 59_000)] });
  const keys = [...(await table.items()).keys()].filter((key) => key.startsWith('heavy#t|'));
  expect(keys.length).toBeGreaterThan(1);
  expect((await read('heavy'))?.position.time).toBe(now + 59_000);

  // The last point came before the row was full, what overflowed is older.
  await store({ device: 'heavy-2', task: 't', points: [heavy(now + 59_000)] });
  await store({ device: 'heavy-2', task: 't', points: minute });
  expect((await read('heavy-2'))?.position.time).toBe(now + 59_000);
});
