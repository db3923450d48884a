import type { FunctionConfiguration } from '../functions/configuration';
import type { May } from '../functions/duties';
import type { Template } from '../model';
import { readAll } from '../template/known';
import { cacheUser } from '../template/schemas';
import { ValkeyGate } from './valkey-gate';

/** The ways of functions to the cache. */
export interface Gates {
  /** by logical id of the function */
  all: ReadonlyMap<string, ValkeyGate>;
  /** the functions' configurations, in whose environment the cache is at their gates */
  configurations: FunctionConfiguration[];
  close(): Promise<void>;
}

/** Nobody listens here: a cache can't be reached from outside of its network. */
const nowhere = '127.0.0.1:1';

/**
 * Gives each function of the network a gate to the cache, which asks for `elasticache:Connect` on the cache and on the
 * user. Source: Amazon ElastiCache user guide, "Authenticating with IAM".
 */
export async function openGates(
  configurations: readonly FunctionConfiguration[],
  target: { host: string; port: number },
  template: Template,
  may: May,
): Promise<Gates> {
  const [cache] = template.ofType('AWS::ElastiCache::ServerlessCache');
  const users = new Map(
    readAll(template, 'AWS::ElastiCache::User', cacheUser).map(({ resource, properties }) => [
      properties.UserName,
      String(resource.attributes.Arn),
    ]),
  );
  const all = new Map<string, ValkeyGate>();
  for (const { logicalId, networked } of cache ? configurations : []) {
    const admit = (name: string): boolean => {
      const user = users.get(name);
      return user !== undefined && may(logicalId, 'elasticache:Connect', String(cache?.attributes.ARN), user);
    };
    if (networked) all.set(logicalId, await ValkeyGate.open({ target, admit }));
  }
  return {
    all,
    configurations: configurations.map((each) => throughGate(each, target, all.get(each.logicalId)?.port)),
    close: async () => {
      await Promise.all([...all.values()].map((gate) => gate.close()));
    },
  };
}

function throughGate(
  configuration: FunctionConfiguration,
  { host, port }: { host: string; port: number },
  gate: number | undefined,
): FunctionConfiguration {
  const there = gate === undefined ? nowhere : `127.0.0.1:${gate}`;
  const environment = Object.entries(configuration.environment).map(([name, value]) => [
    name,
    value.replaceAll(`${host}:${port}`, there),
  ]);
  return { ...configuration, environment: Object.fromEntries(environment) };
}
