import { rmSync } from 'node:fs';
import { freePorts } from '../../local/engines/ports';
import { eventually } from '../system/stack';
import { foundBySearch } from './found';
import { Rig } from './harness';
import { forgetValkey, groupKilled, Killable, keptFolder, powerCut } from './killable';
import { Traffic } from './traffic';

// Everything starts twice, and the search domain recovers its shards.
jest.setTimeout(480_000);

const data = keptFolder();
let rig: Rig;
let stack: Killable;

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  stack = new Killable('restart', ['--port', String(port), '--data', data]);
  rig = await Rig.start(stack.name, { args: stack.args, brief: true });
});
afterAll(async () => {
  await rig?.stop();
  await stack?.stop(rig);
  rmSync(data, { recursive: true, force: true });
});

test('the stack is ended by SIGKILL and started on the same data: nothing acknowledged is lost', async () => {
  await rig.strike(groupKilled(stack));
  await rig.afterwards();
  await foundBySearch(rig);
});

test('so it is where all its engines are ended with it and Valkey has lost everything, silent devices’ places too', async () => {
  const silent = await Traffic.over(rig.client, rig.ledger, { skip: 40, fed: 8, alone: 0 });
  silent.start();
  await eventually(() => silent.between(0, Date.now()).some(({ status }) => status === 202));
  await silent.pause();
  await silent.stop();
  await rig.strike(powerCut(stack, () => forgetValkey(data)));
  await rig.afterwards();
  await foundBySearch(rig);
});
