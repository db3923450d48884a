import { DirectOutage } from '../../system/direct/outage';
import { StackClient, startedStack } from '../../system/stack';

jest.setTimeout(1_200_000);

test('the API is wholly down for ten minutes while 50 devices go on writing: nothing lost, nothing doubled', async () => {
  const client = new StackClient(await startedStack('long-direct'));
  const operator = await client.token('direct-operator', 'operator');
  const outage = new DirectOutage(client, { devices: 50, seconds: 600, pointMs: 1_000, writeMs: 4_000 });
  await outage.prepare('long-direct');
  await outage.strike();
  await outage.soonRight(operator);
  expect(await outage.nothingLost(operator)).toBeGreaterThan(50 * 400);
  expect(await client.control('GET', 'failures')).toEqual([]);
  outage.close();
});
