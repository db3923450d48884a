import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { setVariables, stackNames, synthesize } from './assembly';
import { cdk } from './cdk';
import { Cloud } from './cloud';
import { account, type Emulator, region } from './emulator';
import { inventory, tagBuckets } from './inventory';
import { type Phone, report, told, travel } from './journey';
import type { Phases } from './phases';
import { type Account, signIn, signUp } from './sign-in';

export interface Setting {
  phases: Phases;
  emulator: Emulator;
  /** A folder for what the check writes. */
  home: string;
  bundles: string;
}

const outputsSchema = z.object({ ApiUrl: z.string(), UserPoolId: z.string(), UserPoolClientId: z.string() });

/** One report at once, and the next after a hundred seconds: on any machine the second in a row is refused. */
const strict = { DEVICE_BURST: '1', DEVICE_RATE: '0.01' };

/** Takes the app through its life in an account, from bootstrapping to destroying. @throws Error at the first wrong thing */
export async function check({ phases, emulator, home, bundles }: Setting): Promise<void> {
  const assembly = join(home, 'assembly');
  const outputs = join(home, 'outputs.json');
  const cloud = new Cloud(emulator);
  const command = (...args: string[]) => cdk(emulator.clientEnvironment, home, ...args);
  const deploy = () =>
    command('deploy', '--all', '--app', assembly, '--require-approval', 'never', '--outputs-file', outputs);

  const notes = await phases.run('app synthesized', async () => synthesize(assembly, bundles));
  for (const note of notes) console.log(`    left out: ${note}`);
  const stacks = stackNames(assembly);
  await phases.run('account bootstrapped', () => command('bootstrap', `aws://${account}/${region}`));
  const before = await inventory(cloud);
  await phases.run('stacks deployed', deploy);
  await tagBuckets(cloud, assembly);
  const phone = await phases.run('phone signed in with Cognito', () => enrol(cloud, outputs));
  await phases.run('position reported, and read back from its track', () => travel(cloud, phone));
  await phases.run('deployed again: no changes', async () => demandNoChange(await deploy(), stacks));
  await phases.run('deployed with another limit, which holds', async () => {
    setVariables(assembly, strict);
    await deploy();
    await demandLimit(cloud, phone);
  });
  await phases.run('stacks destroyed, nothing left', async () => {
    await command('destroy', '--all', '--force', '--app', assembly);
    demandNothing(before, await inventory(cloud));
  });
}

async function enrol(cloud: Cloud, outputsFile: string): Promise<Phone> {
  const told = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(outputsFile, 'utf8')));
  const outputs = outputsSchema.parse(Object.assign({}, ...Object.values(told)));
  const user: Account = {
    pool: outputs.UserPoolId,
    client: outputs.UserPoolClientId,
    name: 'phone',
    password: `Aa1!${randomBytes(12).toString('hex')}`,
  };
  await signUp(cloud, user, 'device');
  return { api: outputs.ApiUrl, token: await signIn(cloud, user) };
}

function demandNoChange(words: string, stacks: readonly string[]): void {
  const changed = stacks.filter((stack) => !words.includes(`${stack} (no changes)`));
  if (changed.length > 0)
    throw new Error(`Deployed again without a change, ${changed.join(' and ')} changed:\n${words}`);
}

async function demandLimit(cloud: Cloud, phone: Phone): Promise<void> {
  const first = await report(cloud, phone, Date.now());
  const second = await report(cloud, phone, Date.now());
  if (first.status === 202 && second.text.includes('"code":"rate_limited"')) return;
  throw new Error(`With one report allowed, the first is answered ${told(first)}, the second ${told(second)}.`);
}

/** The role by which API Gateway logs is the account's: it stays, since others may lean on it (`lib/socket-api.ts`). */
const staying = /^role .*SocketLogRole/;

function demandNothing(before: ReadonlySet<string>, after: ReadonlySet<string>): void {
  const left = [...after].filter((each) => !before.has(each) && !staying.test(each));
  if (left.length > 0) throw new Error(`After destroying the stacks there are still: ${left.join('; ')}.`);
}
