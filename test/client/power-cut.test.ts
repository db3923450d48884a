import { powerCuts } from '../../bench/sdk/power-cuts';

jest.setTimeout(300_000);

test('a tracker killed at twenty random moments has lost and doubled no point that it had acknowledged', async () => {
  const { acknowledged, lost, doubled, repeated } = await powerCuts(20, 1);
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(acknowledged).toBeGreaterThan(10);
  // Else nothing was at stake: answers were lost, and points came again.
  expect(repeated).toBeGreaterThan(0);
});
