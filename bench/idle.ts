import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { machine } from './machine';
import { partsOf } from './parts';
import { withStack } from './stack';

const usage = `npm run bench:idle [-- options]

What a stack takes of a core that nobody uses, by process.

  --seconds N   for which it is measured (60)
  --calm N      seconds before that, for what starting it has stirred up (30)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      calm: { type: 'string', default: '30' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const seconds = Number(values.seconds);
  await withStack([], async (client) => {
    await client.settled();
    await sleep(Number(values.calm) * 1_000);
    const before = new Map(partsOf(client.place.pid).map(({ pid, cpuMs }) => [pid, cpuMs]));
    await sleep(seconds * 1_000);
    const shares = partsOf(client.place.pid).map(({ name, pid, cpuMs }) => {
      return { name, share: (cpuMs - (before.get(pid) ?? 0)) / (seconds * 10) };
    });
    console.log(`${machine()}\n\n| process | % of a core |\n|---|--:|`);
    for (const { name, share } of shares) console.log(`| ${name} | ${share.toFixed(2)} |`);
    console.log(`| together | ${shares.reduce((sum, { share }) => sum + share, 0).toFixed(2)} |`);
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
