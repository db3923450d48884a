import { z } from 'zod';

const properties = z.record(z.string(), z.unknown());
const templateSchema = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: properties.default({}) })),
  Outputs: z
    .record(z.string(), z.looseObject({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() }))
    .default({}),
});

/** A resource, with an id that no other stack's resource has. */
export interface Resource {
  /** `<stack>.<logical id>` */
  id: string;
  /** Its logical id, for people. */
  name: string;
  stack: string;
  type: string;
  properties: Readonly<Record<string, unknown>>;
}

/** Where a value leads: a resource, and the attribute of it (`Ref` for itself). */
export interface Reference {
  id: string;
  attribute: string;
}

/** The resources of some stacks as one graph, exports followed. */
export class Model {
  private readonly resources = new Map<string, Resource>();
  private readonly exports = new Map<string, { stack: string; value: unknown }>();

  /** @param templates by the names of their stacks @throws ZodError for what is no template */
  constructor(templates: Readonly<Record<string, unknown>>) {
    for (const [stack, template] of Object.entries(templates)) {
      const { Resources, Outputs } = templateSchema.parse(template);
      for (const [name, { Type, Properties }] of Object.entries(Resources)) {
        const id = `${stack}.${name}`;
        this.resources.set(id, { id, name, stack, type: Type, properties: Properties });
      }
      for (const { Value, Export } of Object.values(Outputs)) {
        if (Export) this.exports.set(String(Export.Name), { stack, value: Value });
      }
    }
  }

  ofType(...types: string[]): Resource[] {
    return [...this.resources.values()].filter(({ type }) => types.includes(type));
  }

  get(id: string | undefined): Resource | undefined {
    return id === undefined ? undefined : this.resources.get(id);
  }

  /** The resource that a property refers to, where it refers to one of these stacks. */
  target(from: Resource, value: unknown): Resource | undefined {
    return this.get(this.reference(from.stack, value)?.id);
  }

  /** The resources that a list refers to. */
  targets(from: Resource, values: unknown): Resource[] {
    return list(values).flatMap((value) => this.target(from, value) ?? []);
  }

  /** Every reference anywhere within a value. */
  references(from: Resource, value: unknown): Reference[] {
    const found = this.reference(from.stack, value);
    if (found) return [found];
    if (typeof value !== 'object' || value === null) return [];
    return Object.values(value).flatMap((inner) => this.references(from, inner));
  }

  /** A value as text, references in it as `<stack.id.attribute>` and pseudo parameters as `<AWS::Region>`. */
  text(from: Resource, value: unknown): string {
    if (typeof value !== 'object' || value === null) return String(value);
    const found = this.reference(from.stack, value);
    if (found) return `<${found.id}.${found.attribute}>`;
    const [[name, argument] = ['', undefined]] = Object.entries(value);
    if (name === 'Fn::Join' && Array.isArray(argument)) {
      return list(argument[1])
        .map((part) => this.text(from, part))
        .join(String(argument[0]));
    }
    return `<${String(argument)}>`;
  }

  private reference(stack: string, value: unknown): Reference | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const { Ref, 'Fn::GetAtt': attribute, 'Fn::ImportValue': imported } = referenceSchema.safeParse(value).data ?? {};
    if (Ref !== undefined) return this.known({ id: `${stack}.${Ref}`, attribute: 'Ref' });
    if (attribute) return this.known({ id: `${stack}.${attribute[0]}`, attribute: attribute[1] });
    const exported = typeof imported === 'string' ? this.exports.get(imported) : undefined;
    return exported && this.reference(exported.stack, exported.value);
  }

  private known(reference: Reference): Reference | undefined {
    return this.resources.has(reference.id) ? reference : undefined;
  }
}

const referenceSchema = z.looseObject({
  Ref: z.string().optional(),
  'Fn::GetAtt': z.tuple([z.string(), z.string()]).optional(),
  'Fn::ImportValue': z.unknown().optional(),
});

/** A property that may be one thing or several, as several. */
export function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
