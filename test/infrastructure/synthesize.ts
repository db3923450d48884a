import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Every function of the service, by its handler's place in `lambdas/`. */
export const entries = [
  'access/on-authorize',
  'access/on-connect',
  'access/on-ticket',
  'correction/on-journal',
  'credentials/on-credentials',
  'devices/on-keys',
  'files/on-import',
  'files/on-upload',
  'ingest/on-app',
  'ingest/on-positions',
  'ingest/on-report',
  'latest/on-nearby',
  'latest/on-position',
  'live/on-positions',
  'live/on-socket',
  'live/on-sweep',
  'reference/on-document',
  'rides/on-rides',
  'rides/on-rows',
  'search/on-rows',
  'search/on-search',
  'search/on-socket',
  'tracks/on-positions',
  'tracks/on-read',
];

export const environmentNames = ['dev', 'staging', 'prod'] as const;
export type EnvironmentName = (typeof environmentNames)[number];

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  DependsOn: z.array(z.string()).default([]),
  Metadata: z.record(z.string(), z.unknown()).default({}),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.unknown()).default({}),
});
/** Both templates, and the handlers' places by the logical ids of their functions. */
const madeSchema = z.object({
  data: templateSchema,
  service: templateSchema,
  entries: z.array(z.tuple([z.string(), z.string()])),
});

export interface Resource extends z.infer<typeof resourceSchema> {
  id: string;
  stack: 'Data' | 'Service';
}

/** The two templates of an environment. */
export class Stacks {
  constructor(
    readonly name: string,
    readonly resources: readonly Resource[],
    readonly text: { Data: string; Service: string },
    readonly outputs: readonly string[],
    private readonly entries: ReadonlyMap<string, string>,
  ) {}

  ofType(...types: string[]): Resource[] {
    return this.resources.filter(({ Type }) => types.includes(Type));
  }

  /** The only resource of a type. */
  one(type: string, matching: (resource: Resource) => boolean = () => true): Resource {
    const [found, second] = this.ofType(type).filter(matching);
    if (!found || second) throw new Error(`${this.name}: ${found ? 'more than one' : 'no'} ${type}`);
    return found;
  }

  /** The service's own functions; those that the library brings for its own needs are left out. */
  functions(): Resource[] {
    return this.ofType('AWS::Lambda::Function').filter(({ id }) => this.entries.has(id));
  }

  function(entry: string): Resource {
    return this.one('AWS::Lambda::Function', ({ id }) => this.entries.get(id) === entry);
  }

  entry(fn: Resource): string {
    return this.entries.get(fn.id) ?? fn.id;
  }

  /** The statements of a function's role. */
  statements(entry: string): Statement[] {
    const role = idOf(this.function(entry).Properties.Role);
    const policies = this.ofType('AWS::IAM::Policy').filter(({ Properties }) =>
      JSON.stringify(Properties.Roles).includes(`"${role}"`),
    );
    return policies.flatMap(statementsOf);
  }
}

const list = <T extends z.ZodType>(item: T) => z.union([z.array(item), item.transform((one) => [one])]);
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: list(z.string()),
  Resource: list(z.unknown()).optional(),
  Principal: z.unknown().optional(),
  Condition: z.unknown().optional(),
});
export type Statement = z.infer<typeof statementSchema>;

const documentSchema = z.object({ Statement: z.array(statementSchema) });

/** The statements of a policy resource. */
export function statementsOf({ Properties }: Resource): Statement[] {
  return documentSchema.parse(Properties.PolicyDocument).Statement;
}

/** The logical id that a reference names, in its own stack or through an export of the other. */
export function idOf(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  const imported = /ExportsOutput(?:Ref|FnGetAtt)(\w+?[0-9A-F]{8})/.exec(text)?.[1];
  return imported ?? /"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/.exec(text)?.[1] ?? text;
}

const prepared = new Map<string, Stacks>();

/** The templates of an environment; made once a test run, since that takes seconds. */
export function synthesize(env: EnvironmentName, context: Record<string, string> = {}): Stacks {
  const name = [env, ...Object.entries(context).flat()].join(' ');
  const known = prepared.get(name);
  if (known) return known;
  const file = join(z.string().parse(process.env.WAYSTREAM_TEMPLATES_DIR), `${name}.json`);
  if (!existsSync(file)) writeMade(file, env, context);
  const stacks = toStacks(name, JSON.parse(readFileSync(file, 'utf8')));
  prepared.set(name, stacks);
  return stacks;
}

/** What `make` has made. */
export function toStacks(name: string, made: unknown): Stacks {
  const { data, service, entries } = madeSchema.parse(made);
  return new Stacks(
    name,
    [...resourcesOf('Data', data), ...resourcesOf('Service', service)],
    { Data: JSON.stringify(data), Service: JSON.stringify(service) },
    Object.keys(service.Outputs),
    new Map(entries),
  );
}

/** The library is loaded where something is to be made, and by nobody else. Another worker may be at it as well. */
function writeMade(file: string, env: EnvironmentName, context: Record<string, string>): void {
  const { make } = jest.requireActual<typeof import('./make')>('./make');
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(make({ env, ...context })));
  renameSync(unfinished, file);
}

const resourcesOf = (stack: Resource['stack'], { Resources }: z.infer<typeof templateSchema>): Resource[] =>
  Object.entries(Resources).map(([id, resource]) => ({ ...resource, id, stack }));
