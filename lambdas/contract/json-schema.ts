import { z } from 'zod';

export type JsonSchema = { [key: string]: unknown };

/** Collects named schemas under `components/schemas`, as OpenAPI and AsyncAPI both have them. */
export class Schemas {
  readonly components: Record<string, JsonSchema> = {};

  /** @returns the schema inline, with references to named ones. `io` is `input` for what clients send. */
  of(schema: z.ZodType, io: 'input' | 'output' = 'input'): JsonSchema {
    const { $schema: _, $defs, id, ...inline } = relocate(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
    for (const [name, definition] of Object.entries(z.record(z.string(), z.looseObject({})).parse($defs ?? {}))) {
      this.components[name] = withoutId(definition);
    }
    if (typeof id !== 'string') return inline;
    this.components[id] = inline;
    return { $ref: `#/components/schemas/${id}` };
  }
}

const withoutId = ({ id: _, ...rest }: JsonSchema): JsonSchema => rest;

/** References into the schema's own `$defs` as references into the document's components. */
function relocate(schema: object): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
