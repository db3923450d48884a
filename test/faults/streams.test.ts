import type { SocketClient } from '../system/stack';
import { foundBySearch } from './found';
import { type Fault, Rig, viewports } from './harness';
import { Shards } from './shards';
import { misdelivered, readOn } from './strikes';

jest.setTimeout(300_000);

let rig: Rig;
let shards: Shards;
let map: SocketClient;

beforeAll(async () => {
  rig = await Rig.start('flow', { brief: true, skip: 30 });
  shards = await Shards.of(rig.client.place.aws);
  map = await rig.client.socket(rig.operator);
  for (const [id, viewport] of viewports.entries()) map.send({ type: 'subscribe', id: String(id), viewport });
});
afterAll(async () => {
  map?.close();
  shards?.close();
  await rig?.stop();
});

/** Vehicles that went back in time on the map, and when. */
function goneBack(): string[] {
  const newest = new Map<string, number>();
  const shown: { vehicle: string; time: number }[] = map.frames.flatMap(({ positions = [] }) => positions);
  expect(shown.length).toBeGreaterThan(100);
  return shown.flatMap(({ vehicle, time }) => {
    const before = newest.get(vehicle) ?? 0;
    newest.set(vehicle, Math.max(before, time));
    return time < before ? [`${vehicle}: ${before} → ${time}`] : [];
  });
}

test('batches come twice, beside one another, late, and out of order: it makes no difference', async () => {
  const ways = (['after', 'beside', 'late'] as const).map((duplicate) => ({ duplicate, reorder: true }));
  await rig.strike(misdelivered('Batches twice and out of order', 3, ways));
  await rig.afterwards();
  await foundBySearch(rig);
  expect(goneBack()).toEqual([]);
});

/** More than the traffic of a second: the consumers then read the shards that came of the last change. */
const RECORDS_BETWEEN = 40;

const resharded: Fault = {
  name: 'Shards split and merged',
  seconds: 0,
  begin: async ({ client }) => {
    await shards.double();
    await readOn(client, RECORDS_BETWEEN);
    await shards.double();
    await readOn(client, RECORDS_BETWEEN);
    await shards.mergeMiddle();
  },
  end: async () => undefined,
};

test('shards are split as load doubles, and merged again: the consumers follow, and nothing is lost', async () => {
  const before = (await shards.open()).length;
  await rig.strike(resharded);
  await rig.afterwards();
  await foundBySearch(rig);
  expect(await shards.open()).toHaveLength(4 * before - 1);
  expect(goneBack()).toEqual([]);
});
