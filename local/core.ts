import type { control } from './control';
import type { Engines } from './engines';
import { type Caller, Front } from './front';
import { Guard } from './front/guard';
import { sessionCaller } from './front/keys';
import { Rights } from './front/rights';
import { LocalFunctions } from './functions';
import { type FunctionConfiguration, functionConfigurations } from './functions/configuration';
import type { May } from './functions/duties';
import { Roles } from './iam';
import { LocalMeter } from './meter';
import type { Meter } from './model';
import type { Surroundings } from './options';
import { createBuckets } from './resources/buckets';
import { applyCacheUsers } from './resources/cache';
import { openGates } from './resources/gates';
import { createStreams } from './resources/streams';
import { createTables } from './resources/tables';
import type { Assembly } from './template/assembly';
import { loadTemplate } from './template/load';

/** What events are sent to. */
export type Core = Awaited<ReturnType<typeof startCore>>;

/** The AWS endpoint, the resources and the functions. */
export async function startCore(
  assembly: Assembly,
  engines: Engines,
  { port, shards = 2, log, closing }: Surroundings,
) {
  const meter = new LocalMeter();
  const late: { control?: ReturnType<typeof control>; functions?: LocalFunctions } = {};
  const counted = callsHeard(meter, (caller) => late.functions?.called(caller));
  const front = new Front({
    meter: counted,
    log,
    control: async (...request) => (await late.control?.(...request)) ?? false,
  });
  await front.start();
  closing.add('the AWS endpoint', () => front.stop());
  const { host, port: valkeyPort } = engines.valkey;
  const template = loadTemplate(assembly, { front: front.port, api: port, valkey: { host, port: valkeyPort } });
  front.setEngine('dynamodb', engines.dynamodb.url);
  front.setEngine('kinesis', engines.kinesis.url);
  front.setEngine('s3', engines.s3.url);
  if (engines.search) front.setEngine('es', engines.search.url);
  const described = functionConfigurations(template, assembly.assets, front.url);
  const roles = new Roles(template);
  const guard = new Guard(template, roles, log);
  front.setGuard(guard);
  const callers = new Map(described.map((each) => [each.logicalId, callerOf(each, guard)]));
  for (const { logicalId, credentials } of described) {
    const caller = callers.get(logicalId);
    if (caller) front.addCaller(caller, credentials);
  }
  const rights = new Rights(guard.permissions, callers);
  const may: May = (...needed) => rights.may(...needed);
  const gates = await openGates(described, { host, port: valkeyPort }, template, may);
  closing.add('gates to the cache', () => gates.close());
  const functions = new LocalFunctions(gates.configurations, template, meter, log, may);
  late.functions = functions;
  closing.add('functions', () => functions.close());
  const [users] = await Promise.all([
    applyCacheUsers({ host, port: valkeyPort }, template, log),
    createTables(engines.dynamodb.url, template),
    createStreams(engines.kinesis.url, template, shards),
    createBuckets(engines.s3.url, template),
  ]);
  closing.add('cache users', () => users.close());
  return { meter, front, template, functions, engines, roles, guard, gates, may, late };
}

/** A meter that tells whose call it counts. */
function callsHeard(meter: Meter, heard: (caller: string) => void): Meter {
  return {
    add: (usage) => {
      meter.add(usage);
      heard(usage.function);
    },
    snapshot: () => meter.snapshot(),
    reset: () => meter.reset(),
  };
}

/** A function asks as a session of its role, named after it. Source: Lambda developer guide, "Defining Lambda function permissions with an execution role". */
function callerOf({ logicalId, name, arn, roleArn }: FunctionConfiguration, guard: Guard): Caller {
  const { roleId } = guard.role(roleArn) ?? { roleId: '' };
  return sessionCaller(logicalId, name, roleId, { arn: roleArn, issuedAt: Date.now(), functionArn: arn });
}
