import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../../local/engines/ports';
import { foundBySearch } from '../found';
import { Rig } from '../harness';
import { forgetValkey, groupKilled, Killable, keptFolder, powerCut } from '../killable';

jest.setTimeout(900_000);

const data = keptFolder();
let rig: Rig;
let stack: Killable;

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  stack = new Killable('long-restart', ['--port', String(port), '--data', data]);
  rig = await Rig.start(stack.name, { args: stack.args, skip: 210 });
});
afterAll(async () => {
  await rig?.stop();
  await stack?.stop(rig);
  rmSync(data, { recursive: true, force: true });
});

test.each([
  ['the stack', () => groupKilled(stack)],
  ['the stack and its engines', () => powerCut(stack, () => undefined)],
  ['all of them, Valkey’s data lost', () => powerCut(stack, () => forgetValkey(data))],
] as const)('%s ended at three moments at random, and started on the same data', async (_, fault) => {
  const once = fault();
  const again = async (it: Rig) => {
    for (let time = 0; time < 3; time++) {
      await once.begin(it);
      await sleep(Math.random() * 5_000);
    }
  };
  await rig.strike({ ...once, name: `${once.name}, three times`, begin: again });
  await rig.afterwards();
  await foundBySearch(rig);
});
