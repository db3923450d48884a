import { foundBySearch } from '../found';
import { Rig } from '../harness';
import { atRandom, consumers, strikesOf, struckAgain } from '../strikes';

jest.setTimeout(600_000);

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start('long-flow', { skip: 140 });
});
afterAll(() => rig?.stop());

test('functions are ended at a hundred moments at random: nothing is lost or set aside', async () => {
  const functions = [...consumers, 'IngestOnPositions'] as const;
  const fault = struckAgain('Functions killed in mid-batch or timed out', 120, functions, (name) =>
    Math.random() < 0.7 ? atRandom(name) : { timeout: true },
  );
  const strikes = async () => (await Promise.all(functions.map((name) => strikesOf(rig.client, name)))).map(Number);
  const before = await strikes();
  await rig.strike(fault);
  await rig.afterwards();
  await foundBySearch(rig);
  const struck = (await strikes()).map((count, index) => count - (before[index] ?? 0));
  process.stdout.write(`struck ${functions.map((name, index) => `${name} ${struck[index]}`).join(', ')}\n`);
  expect(struck.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
});
