import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Outcome } from '../test/faults/device';
import { halfOpen, killed } from '../test/faults/engines';
import { Ledger } from '../test/faults/ledger';
import { type Latency, latencyOf } from '../test/faults/results';
import { Traffic } from '../test/faults/traffic';
import type { StackClient } from '../test/system/stack';
import { machine } from './machine';
import { withStack } from './stack';

const usage = `Measures how long reports take while Valkey or OpenSearch is away, against the undisturbed time between.

npm run bench:outage -- [options]
  --rounds N    each kind of outage so many times (default 3)
  --seconds N   of each outage, and of the undisturbed time before it (default 30)
  --short       one round of ten seconds`;

/** What a part needs to settle after it is back. */
const SETTLE_MS = 5_000;

/** Fifty vehicles, two points a second each: those that report for themselves ask Valkey for their limits as well. */
const load = { fed: 16, alone: 34, everyMs: 500 };

interface Phase {
  name: string;
  from: number;
  to: number;
}

const outages = [killed('valkey', 0), halfOpen('valkey', 0), killed('search', 0)];

/** One stretch of time, after whatever begins it. */
async function phase(name: string, ms: number, begin: () => Promise<unknown> = async () => undefined): Promise<Phase> {
  console.error(`… ${name}`);
  const from = Date.now();
  await begin();
  await sleep(ms);
  return { name, from, to: Date.now() };
}

async function measure(client: StackClient, rounds: number, ms: number): Promise<void> {
  const traffic = await Traffic.over(client, new Ledger(), load);
  const phases: Phase[] = [];
  traffic.start();
  await phase('warming up', 10_000);
  for (let round = 0; round < rounds; round++) {
    for (const { name, begin, end } of outages) {
      phases.push(await phase('undisturbed', ms));
      phases.push(await phase(name, ms, () => begin({ client })));
      await end({ client });
      await sleep(SETTLE_MS);
    }
  }
  await traffic.stop();
  const all = (wanted: string) =>
    phases.filter(({ name }) => name === wanted).flatMap(({ from, to }) => traffic.between(from, to));
  const undisturbed = latencyOf(all('undisturbed'));
  for (const name of ['undisturbed', ...outages.map((outage) => outage.name)]) {
    console.log(line(name, all(name), undisturbed));
  }
  console.log(machine());
}

function line(name: string, outcomes: readonly Outcome[], undisturbed: Latency): string {
  const { count, p50 = 0, p99 = 0 } = latencyOf(outcomes);
  const ratio = (value: number, base: number | undefined) => (base ? `${(value / base).toFixed(2)} ×` : '–');
  const times = `p50 ${p50} ms (${ratio(p50, undisturbed.p50)}), p99 ${p99} ms (${ratio(p99, undisturbed.p99)})`;
  const reports = `${String(count).padStart(6)} reports accepted, ${outcomes.length - count} sent again`;
  return `${name.padEnd(18)} ${reports}: ${times}`;
}

async function main(): Promise<void> {
  const string = { type: 'string' } as const;
  const boolean = { type: 'boolean' } as const;
  const { values } = parseArgs({ options: { rounds: string, seconds: string, short: boolean, help: boolean } });
  if (values.help) return console.log(usage);
  const { rounds = values.short ? '1' : '3', seconds = values.short ? '10' : '30' } = values;
  await withStack([], (client) => measure(client, Number(rounds), Number(seconds) * 1_000));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
