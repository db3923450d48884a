import { z } from 'zod';
import type { Engines } from './engines';
import type { Failures } from './failures';
import type { Front } from './front';
import { readBody, services } from './front/call';
import { type EngineFault, engineFaultSchema, heldServices } from './front/faults';
import type { Incoming, Outgoing } from './front/listener';
import type { LocalFunctions } from './functions';
import { functionFaultSchema } from './functions/faults';
import type { Roles } from './iam';
import { permissionRoutes } from './iam/control';
import type { LocalMeter } from './meter';
import type { Schedules } from './resources/schedules';
import { streamFaultsSchema } from './streams/faults';
import type { Mapping } from './streams/mapping';
import { trace } from './trace';

/** What tests and the command line may look at and do. */
export interface Controlled {
  functions: LocalFunctions;
  mappings: readonly Mapping[];
  schedules: Schedules;
  meter: LocalMeter;
  failures: Failures;
  front: Front;
  engines: Engines;
  roles: Roles;
  /** the APIs' listener */
  api: { shut(): Promise<void>; reopen(): Promise<void> };
  /** what is wrong on the functions' ways to the cache */
  strikeCache(fault: EngineFault): void;
}

const delay = z.object({ service: z.enum(services), milliseconds: z.number().min(0) });

type Route = (argument: string, body: unknown) => Promise<unknown>;

/** A request that can't be served: 404 for no such thing, 400 for a body that does not fit. */
class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Waits until every mapping has read its stream to the end, and what that led to as well. @returns false on timeout */
export async function untilIdle(mappings: readonly Mapping[], timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  const records = (): number => mappings.reduce((sum, mapping) => sum + mapping.state().records, 0);
  let before = -1;
  // One mapping's function writes what another reads: settled is a round in which nobody read anything.
  while (!signal.aborted && before !== records()) {
    before = records();
    for (const mapping of mappings) await mapping.idle(signal);
  }
  return !signal.aborted;
}

/** Answers requests below `/_local/` of the AWS endpoint. */
export function control(stack: Controlled): (request: Incoming, response: Outgoing) => Promise<boolean> {
  const routes = routesOf(stack);
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://local');
    const [, , ...path] = pathname.split('/');
    const route = routes[`${request.method} ${path[0]}${path.length > 2 ? `/*/${path[2]}` : ''}`];
    if (!route) return false;
    const text = (await readBody(request)).toString('utf8');
    try {
      write(response, 200, await route(decodeURIComponent(path[1] ?? ''), text === '' ? {} : JSON.parse(text)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      write(response, error instanceof Refused ? error.status : 400, { message });
    }
    return true;
  };
}

function routesOf(stack: Controlled): Readonly<Record<string, Route>> {
  const mappingOf = (wanted: string): Mapping => {
    const name = choose(
      wanted,
      stack.mappings.map((each) => each.name),
    );
    const found = stack.mappings.find((each) => each.name === name);
    if (!found) throw new Refused(404, `There is no mapping ${wanted}`);
    return found;
  };
  const engineOf = (wanted: string) => {
    const found = stack.engines.all.find(({ name }) => name === wanted);
    if (!found) throw new Refused(404, `There is no engine ${wanted}`);
    return found;
  };
  const functionOf = (wanted: string): string =>
    choose(
      wanted,
      stack.functions.describe().map(({ logicalId }) => logicalId),
    );
  return {
    'GET status': async () => status(stack),
    'GET meter': async () => stack.meter.snapshot(),
    'DELETE meter': async () => stack.meter.reset(),
    ...permissionRoutes(stack.roles),
    'GET failures': async () => stack.failures.list(),
    'POST failures': async () => stack.failures.redrive(),
    'POST idle': async (_, body) => {
      const { timeoutMs } = z.object({ timeoutMs: z.number().default(60_000) }).parse(body);
      return { idle: await untilIdle(stack.mappings, timeoutMs) };
    },
    'POST trace': async (_, body) => trace.start(z.object({ every: z.int().min(0) }).parse(body).every),
    'GET trace': async () => trace.take(),
    'POST delay': async (_, body) => {
      const { service, milliseconds } = delay.parse(body);
      stack.front.delay(service, milliseconds);
    },
    'POST api': async (_, body) => {
      const { open } = z.object({ open: z.boolean() }).parse(body);
      await (open ? stack.api.reopen() : stack.api.shut());
    },
    'POST engines/*/kill': async (name) => engineOf(name).kill(),
    'POST engines/*/restart': async (name) => engineOf(name).restart(),
    'POST engines/*/faults': async (name, body) => {
      if (name === 'valkey') return stack.strikeCache(engineFaultSchema.parse(body));
      const service = heldServices.find((each) => each === (name === 'search' ? 'es' : name));
      if (!service) throw new Refused(404, `There are no faults of ${name}`);
      stack.front.faults.set(service, engineFaultSchema.parse(body));
    },
    'POST schedules/*/fire': async (name) => {
      await stack.schedules.fire(choose(name, stack.schedules.names()));
    },
    'POST mappings/*/replay': async (name) => mappingOf(name).replayFromStart(),
    'POST mappings/*/faults': async (name, body) => mappingOf(name).setFaults(streamFaultsSchema.parse(body)),
    'POST functions/*/faults': async (name, body) => {
      stack.functions.plan(functionOf(name), functionFaultSchema.parse(body));
    },
    'POST functions/*/kill': async (name) => stack.functions.kill(functionOf(name)),
    'POST functions/*/invoke': async (name, body) => stack.functions.invoke(functionOf(name), body),
  };
}

/** State of the parts, as the `status` command shows it. Sizes in bytes. */
function status({ functions, mappings, schedules, engines }: Controlled): Record<string, unknown> {
  return {
    functions: functions.describe(),
    mappings: mappings.map((mapping) => mapping.state()),
    schedules: schedules.names(),
    engines: engines.all.map(({ name, url }) => ({ name, url })),
    memory: process.memoryUsage(),
  };
}

/** Logical ids carry a hash; a part that only one has is enough. */
function choose(wanted: string, names: readonly string[]): string {
  const part = wanted.toLowerCase();
  const found = names.filter((name) => name.toLowerCase().includes(part));
  const exact = names.find((name) => name === wanted) ?? (found.length === 1 ? found[0] : undefined);
  if (exact === undefined) throw new Refused(404, `${wanted} names ${found.length} of ${names.join(', ') || 'none'}`);
  return exact;
}

function write(response: Outgoing, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body ?? {}));
}
