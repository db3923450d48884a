import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamFaults } from '../../../local/streams/faults';
import { foundBySearch } from '../found';
import { type Fault, Rig } from '../harness';
import { Shards } from '../shards';
import { misdelivered } from '../strikes';

jest.setTimeout(600_000);

let rig: Rig;
let shards: Shards;

beforeAll(async () => {
  rig = await Rig.start('long-flow', { skip: 170 });
  shards = await Shards.of(rig.client.place.aws);
});
afterAll(async () => {
  shards?.close();
  await rig?.stop();
});

const ways = (['after', 'beside', 'late', 'never'] as const).flatMap((duplicate): StreamFaults[] => [
  { duplicate, reorder: true },
  { duplicate, reorder: false },
]);

test('shards double and merge again and again, while batches come twice and out of order', async () => {
  const wrong = misdelivered('Re-sharded while batches come twice and out of order', 100, ways);
  const resharding = async () => {
    for (let round = 0; round < 3; round++) {
      await shards.double();
      await sleep(12_000);
      for (let open = (await shards.open()).length; open > 1; open--) await shards.mergeMiddle();
      await sleep(12_000);
    }
  };
  const fault: Fault = { ...wrong, begin: async (it) => void (await Promise.all([wrong.begin(it), resharding()])) };
  await rig.strike(fault);
  await rig.afterwards();
  await foundBySearch(rig);
  expect(await shards.open()).toHaveLength(1);
});
