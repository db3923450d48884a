import type { Position } from '../../lambdas/contract/position';
import { MINUTE_MS } from '../../lambdas/contract/time';
import { correctMinute } from '../../lambdas/correction/decide';
import { eventually, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS;
const EVERY_MS = 5_000;
const PER_MINUTE = MINUTE_MS / EVERY_MS;

let client: StackClient;
let operator: string;

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  operator = await client.token('olga', 'operator');
});
afterAll(() => broken(0));

/** A bicycle in the south Atlantic: northward at 6 m/s, seen with some noise, and once 3 km off. */
const ride = (minutes: number): Position[] =>
  Array.from({ length: minutes * PER_MINUTE }, (_, index) => ({
    time: start + index * EVERY_MS,
    lat: Number((-45 + (index * 30) / 111_195 + ((index * 7_919) % 17) / 200_000).toFixed(7)),
    lon: index === 2 * PER_MINUTE + 3 ? -10.04 : Number((-10 + ((index * 104_729) % 13) / 200_000).toFixed(7)),
  }));

const between = (points: readonly Position[], from: number, to: number) =>
  points.filter(({ time }) => time >= start + from * MINUTE_MS && time < start + to * MINUTE_MS);

/** What the corrected points of some minutes must be, by all raw points at once. */
const expected = (points: readonly Position[], minutes: number) =>
  Array.from({ length: minutes }, (_, index) => correctMinute(start + index * MINUTE_MS, points)).flat();

async function read(device: string, view: string, more = '') {
  const path = `/v1/tracks/${device}/ride?view=${view}${more}`;
  const { status, body } = await client.request(path, { token: operator });
  expect(status).toBe(200);
  const positions: (Position & { corrected?: object })[] = body.positions.map(
    ({ task: _, ...position }: Position & { task: string }) => position,
  );
  return { positions, until: (body.correctedUntil - start) / MINUTE_MS, next: body.next };
}

async function report(deviceId: string, points: readonly Position[]): Promise<void> {
  await client.report([{ deviceId, taskId: 'ride', points }]);
}

/** Has the function's next invocations killed, so many of them. */
const broken = (invocations: number) =>
  client.control('POST', 'functions/CorrectionOnJournal/faults', { kill: { afterCalls: 1 }, invocations });

/** Invocations of the function that were killed so far. */
async function strikes(): Promise<number> {
  const { functions } = await client.control('GET', 'status');
  return functions.find(({ logicalId }: { logicalId: string }) => logicalId.startsWith('CorrectionOnJournal')).faults;
}

test('a track is read as reported, as corrected, or both, and says how far corrections are', async () => {
  const points = ride(8);
  await report('cyclist-1', points);
  await client.settled();

  expect((await read('cyclist-1', 'raw')).positions).toEqual(points);
  const corrected = await read('cyclist-1', 'corrected');
  // The seventh minute may still get points, and with it the two before are judged.
  expect(corrected.until).toBe(5);
  expect(corrected.positions).toEqual(expected(points, 5));
  const flawed = corrected.positions.filter(({ attributes }) => attributes);
  expect(flawed.map(({ time, attributes }) => [(time - start) / EVERY_MS, attributes])).toEqual([
    [2 * PER_MINUTE + 3, { flaw: 'spike' }],
  ]);

  const both = await read('cyclist-1', 'both');
  expect(both.until).toBe(5);
  expect(both.positions.map(({ corrected: _, ...point }) => point)).toEqual(points);
  expect(both.positions.flatMap(({ time, corrected }) => (corrected ? [{ time, ...corrected }] : []))).toEqual(
    expected(points, 5),
  );
});

test('pages of the corrected view follow one another, newest first as well', async () => {
  const points = ride(8);
  const found: Position[] = [];
  let cursor = '';
  do {
    const page = await read('cyclist-1', 'corrected', `&limit=25&order=newest${cursor && `&cursor=${cursor}`}`);
    found.push(...page.positions);
    cursor = page.next ?? '';
  } while (cursor);
  expect(found.reverse()).toEqual(expected(points, 5));
});

test('a point that comes late has its neighbours judged anew', async () => {
  const points = ride(8);
  const late = between(points, 2, 3).slice(5, 8);
  await report(
    'cyclist-2',
    points.filter((point) => !late.includes(point)),
  );
  await client.settled();
  const before = await read('cyclist-2', 'corrected');
  expect(before.positions).toHaveLength(5 * PER_MINUTE - late.length);
  await report('cyclist-2', late);
  await client.settled();
  const after = await read('cyclist-2', 'corrected');
  expect(after).toMatchObject({ until: 5, positions: expected(points, 5) });
});

test('a ride that is over is corrected to its end', async () => {
  const points = ride(8);
  const token = await client.token('cyclist-3', 'device');
  await report('cyclist-3', points);
  await client.settled();
  const { status } = await client.request('/v1/rides/ride/finish', { method: 'POST', token });
  expect(status).toBe(200);
  await client.settled();
  expect(await read('cyclist-3', 'corrected')).toMatchObject({ until: 8, positions: expected(points, 8) });
});

test('a function killed in mid-work leaves nothing out', async () => {
  const points = ride(10);
  await report('cyclist-4', between(points, 0, 5));
  await client.settled();
  const before = await strikes();
  await broken(2);
  await report('cyclist-4', between(points, 5, 10));
  await client.settled();
  expect(await strikes()).toBe(before + 2);
  expect((await read('cyclist-4', 'corrected')).positions).toEqual(expected(points, 7));
});

test('correction being down holds up nobody, and a redrive makes up for it', async () => {
  const points = ride(10);
  await report('cyclist-5', between(points, 0, 5));
  await client.settled();
  await broken(1_000);
  await report('cyclist-5', between(points, 5, 10));
  await eventually(async () => (await read('cyclist-5', 'raw')).positions.length === points.length, 60_000);
  expect(await read('cyclist-5', 'corrected')).toMatchObject({ until: 2, positions: expected(points, 2) });

  // Its tries are used up, and what it should have done is kept.
  await client.settled();
  const kept = await client.control('GET', 'failures');
  const ours = kept.filter(({ functionArn }: { functionArn: string }) => /CorrectionOnJournal/.test(functionArn));
  expect(ours.length).toBeGreaterThan(0);
  await broken(0);
  await client.control('POST', 'failures');
  expect(await read('cyclist-5', 'corrected')).toMatchObject({ until: 7, positions: expected(points, 7) });
});
