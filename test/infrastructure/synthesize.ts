import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { z } from 'zod';
import { waystream } from '../../lib/app';
import { ServiceFunction } from '../../lib/service-function';

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

/** Folders as the bundler leaves them, so that templates can be made without it. */
export function emptyBundles(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waystream-bundles-'));
  for (const entry of entries) {
    mkdirSync(join(folder, entry), { recursive: true });
    writeFileSync(join(folder, entry, 'index.js'), `exports.handler = async () => '${entry}';`);
  }
  return folder;
}

export function newApp(context: Record<string, string>): App {
  return new App({
    analyticsReporting: false,
    treeMetadata: false,
    // Assets stay where they are: nobody deploys these.
    context: { bundles: emptyBundles(), web: 'nowhere', 'aws:cdk:disable-asset-staging': 'true', ...context },
  });
}

/** The templates of an environment; made once a test file. */
export function synthesize(env: EnvironmentName, context: Record<string, string> = {}): Stacks {
  const name = [env, ...Object.entries(context).flat()].join(' ');
  const known = prepared.get(name);
  if (known) return known;
  const app = newApp({ env, ...context });
  const { data, service } = waystream(app);
  const functions = service.node.findAll().filter((each) => each instanceof ServiceFunction);
  const assembly = app.synth();
  const dataTemplate = templateSchema.parse(assembly.getStackByName(data.stackName).template);
  const serviceTemplate = templateSchema.parse(assembly.getStackByName(service.stackName).template);
  const stacks = new Stacks(
    name,
    [...resourcesOf('Data', dataTemplate), ...resourcesOf('Service', serviceTemplate)],
    { Data: JSON.stringify(dataTemplate), Service: JSON.stringify(serviceTemplate) },
    Object.keys(serviceTemplate.Outputs),
    new Map(functions.map((fn) => [service.resolve(service.getLogicalId(fn.template)), fn.entry])),
  );
  prepared.set(name, stacks);
  return stacks;
}

const resourcesOf = (stack: Resource['stack'], { Resources }: z.infer<typeof templateSchema>): Resource[] =>
  Object.entries(Resources).map(([id, resource]) => ({ ...resource, id, stack }));
