import { foundBySearch } from './found';
import { Rig } from './harness';
import { atRandom, consumers, leastStrikes, strikesOf, struckAgain } from './strikes';

jest.setTimeout(300_000);

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start('flow', { brief: true, skip: 0 });
});
afterAll(() => rig?.stop());

const functions = [...consumers, 'IngestOnPositions'] as const;
const strikes = () => Promise.all(functions.map((name) => strikesOf(rig.client, name)));

test('functions are ended in mid-batch, and time out after their writes: all is there once, nothing is set aside', async () => {
  const before = await strikes();
  const fault = struckAgain('Functions killed in mid-batch, then timed out', 0, functions, (name, round) =>
    round % 2 === 0 ? atRandom(name) : { timeout: true },
  );
  await rig.strike(fault);
  await rig.afterwards();
  await foundBySearch(rig);
  const after = await strikes();
  for (const [index, count] of after.entries())
    expect(count - (before[index] ?? 0)).toBeGreaterThanOrEqual(leastStrikes);
});
