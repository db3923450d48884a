import { billOf } from '../../bench/cost/hops';
import { measure } from '../../bench/cost/run';
import { positionsPerSecond, usual } from '../../bench/plan/load';
import { unitsPerMillion } from '../../bench/plan/units';
import { writesPerSecond } from '../../bench/plan/writes';
import { add, type Bill, scaled, type Unit } from '../../bench/prices';
import { StackClient, startedStack } from './stack';

jest.setTimeout(400_000);

const load = { devices: 60, intervalMs: 5_000, pointsPerRequest: 5, viewers: 0 };

const { devices, pointsPerRequest, intervalMs } = load;
const planned = { ...usual, devices, pointsPerRequest, intervalSeconds: intervalMs / 1_000 };

/** Within so much of what the meter counts. */
const TOLERANCE = 0.15;

let metered: Bill;
let hops: ReturnType<typeof billOf>;
let million: number;

beforeAll(async () => {
  const client = new StackClient(await startedStack('plan', ['--search', 'none']));
  const { lines, valkey, positions } = await measure(client, { ...load, seconds: 60 }, 'plan');
  hops = billOf(lines, valkey);
  million = 1_000_000 / positions;
  metered = scaled(add([...hops.values()]), million);
});

test.each<Unit>(['httpRequests', 'streamGbIn', 'streamGbOut', 'onDemandFanOutGb', 'endpointGb'])(
  'the plan reckons with the %s that the meter counts',
  (unit) => {
    expectNear(unitsPerMillion(planned)[unit], metered[unit]);
  },
);

// Correction is minutes behind, and writes nothing in this time.
test.each(['tracks', 'rides'] as const)('the plan reckons with the write units of %s that the meter counts', (hop) => {
  const perMillion = (writesPerSecond(planned)[hop] * 1_000_000) / positionsPerSecond(planned);
  expectNear(perMillion, (hops.get(hop)?.writeUnits ?? 0) * million);
});

function expectNear(reckoned = 0, counted = 0): void {
  expect(Math.abs(reckoned / counted - 1)).toBeLessThan(TOLERANCE);
}
