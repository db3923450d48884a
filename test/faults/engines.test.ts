import { eventually } from '../system/stack';
import { type EngineName, engineNames, halfOpen, killed } from './engines';
import { Rig } from './harness';

jest.setTimeout(300_000);

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig?.stop());

const engines: EngineName[] = ['valkey', 'dynamodb', 'search', 'kinesis', 's3'];

test.each(engines.map((engine) => [engineNames[engine], engine] as const))(
  '%s is killed for ten seconds: nothing accepted is lost, and all recovers by itself',
  async (_, engine) => {
    await rig.strike(killed(engine, 10));
    await rig.afterwards();
  },
);

test('a report that Valkey missed is its device’s latest position soon after the device fell silent, and without Valkey', async () => {
  const { client, operator } = rig;
  const report = (time: number) => client.report([{ deviceId: 'missed', points: [{ time, lat: 41.15, lon: -8.6 }] }]);
  const latest = async (time: number) => {
    const { body } = await client.request('/v1/devices/missed/position', { token: operator });
    return body.time === time;
  };
  const before = Date.now();
  await report(before);
  await eventually(() => latest(before));
  const missed = Date.now();
  const fault = halfOpen('valkey', 0);
  await fault.begin(rig);
  await report(missed);
  await fault.end(rig);
  await eventually(() => latest(missed), 30_000);
  await fault.begin(rig);
  await eventually(() => latest(missed));
  await fault.end(rig);
});
