import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { permissionLines, permissionsSchema } from './iam/table';
import { meterSchema } from './meter';
import type { MeterLine } from './model';
import { readState, type State } from './state';

const usage = `Usage: npm run local -- COMMAND
  status               functions, streams and their backlog, schedules
  logs [PART]          the log of a function or part; without one, their names
  failures list        what consumers gave up on
  failures redrive     submit it once more, record by record
  meter                what AWS would bill, since the start
  permissions          what each role is granted, and how often it was used`;

const failures = z.array(
  z.object({
    key: z.string(),
    functionArn: z.string(),
    condition: z.string(),
    at: z.string(),
    records: z.array(z.unknown()),
  }),
);
const redriven = z.array(z.object({ key: z.string(), records: z.number(), remaining: z.array(z.string()) }));
const status = z.object({
  functions: z.array(
    z.object({ logicalId: z.string(), instances: z.array(z.object({ busy: z.boolean(), heapBytes: z.number() })) }),
  ),
  mappings: z.array(
    z.object({
      name: z.string(),
      records: z.number(),
      outstanding: z.number(),
      failedInvocations: z.number(),
      givenUp: z.number(),
      iteratorAgeMs: z.number(),
    }),
  ),
  schedules: z.array(z.string()),
});
/** @throws Error whose message is for the terminal */
async function run(args: readonly string[]): Promise<string[]> {
  switch (args.slice(0, args[0] === 'failures' ? 2 : 1).join(' ')) {
    case 'status':
      return showStatus(status.parse(await ask('GET', 'status')));
    case 'logs':
      return showLogs(args[1]);
    case 'failures list':
      return showFailures(failures.parse(await ask('GET', 'failures')));
    case 'failures redrive':
      return showRedriven(redriven.parse(await ask('POST', 'failures')));
    case 'meter':
      return showMeter(meterSchema.parse(await ask('GET', 'meter')));
    case 'permissions':
      return permissionLines(permissionsSchema.parse(await ask('GET', 'permissions')));
    default:
      throw new Error(usage);
  }
}

function running(): State {
  const state = readState();
  if (!state) throw new Error('No local stack is running: start it with npm start.');
  return state;
}

async function ask(method: string, path: string): Promise<unknown> {
  const { aws } = running();
  const response = await fetch(`${aws}/_local/${path}`, { method }).catch(() => {
    throw new Error('The local stack does not answer: start it with npm start.');
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(body));
  return body;
}

function showStatus({ functions, mappings, schedules }: z.infer<typeof status>): string[] {
  const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);
  return [
    'Functions',
    ...functions.map(({ logicalId, instances }) => {
      const sizes = instances.map(({ busy, heapBytes }) => `${megabytes(heapBytes)} MB${busy ? ' busy' : ''}`);
      return `  ${logicalId}: ${sizes.join(', ') || 'not started'}`;
    }),
    'Event source mappings',
    ...mappings.map(
      (each) =>
        `  ${each.name}: ${each.records} records, ${each.outstanding} open, oldest ${(each.iteratorAgeMs / 1000).toFixed(1)} s, ` +
        `${each.failedInvocations} failed calls, ${each.givenUp} given up`,
    ),
    'Schedules',
    ...schedules.map((name) => `  ${name}`),
  ];
}

function showLogs(part: string | undefined): string[] {
  const { logs } = running();
  const names = readdirSync(logs).map((file) => file.replace(/\.log$/, ''));
  if (part === undefined) return names;
  const found = names.filter((name) => name.toLowerCase().includes(part.toLowerCase()));
  const [name] = found;
  if (name === undefined || found.length > 1) throw new Error(`${part} names ${found.length} of: ${names.join(', ')}`);
  return [readFileSync(join(logs, `${name}.log`), 'utf8').trimEnd()];
}

function showFailures(all: z.infer<typeof failures>): string[] {
  if (all.length === 0) return ['Nothing was given up.'];
  return all.map(
    ({ at, functionArn, condition, records, key }) =>
      `${at}  ${functionArn.split(':').at(-1)}  ${condition}  ${records.length} records  ${key}`,
  );
}

function showRedriven(all: z.infer<typeof redriven>): string[] {
  if (all.length === 0) return ['There is nothing to redrive.'];
  return all.map(({ key, records, remaining }) =>
    remaining.length === 0
      ? `done   ${records} records  ${key}`
      : `stays  ${remaining.length} of ${records} records  ${key}: ${[...new Set(remaining)].join('; ')}`,
  );
}

function showMeter(lines: readonly MeterLine[]): string[] {
  return lines.map(({ service, action, function: name, calls, units }) => {
    const amounts = Object.entries(units).map(([unit, amount]) => `${unit} ${Number(amount.toFixed(3))}`);
    return `${service} ${action}  ${name}: ${calls} calls, ${amounts.join(', ')}`;
  });
}

run(process.argv.slice(2)).then(
  (lines) => console.log(lines.join('\n')),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
