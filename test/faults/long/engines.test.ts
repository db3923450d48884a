import { z } from 'zod';
import { type EngineFault, type EngineName, engineNames, halfOpen, killed, slow, together } from '../engines';
import { Rig } from '../harness';

jest.setTimeout(900_000);

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start('long-faults');
});
afterAll(() => rig?.stop());

const engines: EngineName[] = ['valkey', 'search', 'kinesis', 's3', 'dynamodb'];
const faults = [
  ...engines.filter((engine) => engine !== 'dynamodb').map((engine) => killed(engine, 120)),
  ...engines.flatMap((engine) => [slow(engine, 20), halfOpen(engine, 30)]),
];

async function outlived(fault: EngineFault): Promise<void> {
  await rig.strike(fault);
  await rig.afterwards();
}

test.each(faults.map((fault) => [fault.name, fault] as const))(
  '%s for long: nothing accepted is lost, and all recovers by itself',
  (_, fault) => outlived(fault),
);

const away: [string, EngineFault][] = [
  ['DynamoDB killed for long: what it does not take goes back to the stream', killed('dynamodb', 120)],
  [
    'DynamoDB and Kinesis killed: what can’t go back to the stream is kept waiting',
    together(killed('dynamodb', 40), killed('kinesis', 40)),
  ],
];

test.each(away)('%s, and none is lost', async (_, fault) => {
  const before = await attempts();
  await outlived(fault);
  expect(await attempts()).toBeGreaterThan(before);
});

test('each engine has its faults here', () => {
  expect(engines.sort()).toEqual(Object.keys(engineNames).sort());
});

const grantsSchema = z.object({
  grants: z.array(z.object({ role: z.string(), action: z.string(), uses: z.int() })),
});

/** Calls by which the consumer of positions has put records back, or has tried to. */
async function attempts(): Promise<number> {
  const { grants } = grantsSchema.parse(await rig.client.control('GET', 'permissions'));
  const puts = grants.filter(({ role, action }) => role.startsWith('Tracks') && action === 'kinesis:PutRecords');
  return puts.reduce((sum, { uses }) => sum + uses, 0);
}
