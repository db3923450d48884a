import { Burst, memoryOf } from '../burst';
import { Rig } from '../harness';

jest.setTimeout(600_000);

/**
 * Bytes by which a burst may have the stack's process grow: it keeps nothing of what it was sent, but more instances
 * run then, some 40 MB each: up to ten of ingest, and one or two more of each consumer.
 */
const GROWTH = 768 * 1024 ** 2;

let rig: Rig;
let burst: Burst;

beforeAll(async () => {
  rig = await Rig.start('long-flow', { skip: 0 });
  burst = await Burst.over(rig, 40, 30);
});
afterAll(async () => {
  await burst?.stop();
  await rig?.stop();
});

test('ten times the traffic for half a minute is taken or put off, and nothing that was taken is lost', async () => {
  const before = memoryOf(rig.client);
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, memoryOf(rig.client));
  }, 1_000);
  await rig.strike(burst.fault);
  clearInterval(watch);
  await rig.afterwards();
  // Taken; turned away by the gateway; too fast for the device or its address, or no room at the moment.
  expect([202, 429, 503]).toEqual(expect.arrayContaining([...burst.answers.keys()]));
  process.stdout.write(`answers ${JSON.stringify([...burst.answers])}, memory ${before} → ${most} bytes\n`);
  expect(most - before).toBeLessThan(GROWTH);
});
