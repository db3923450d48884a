import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TemplateError } from '../model';

/**
 * Reads what `cdk synth` wrote. Shapes: the cloud assembly schema, `manifest.json` and `*.assets.json`
 * (https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema).
 */
const manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      environment: z.string().optional(),
      dependencies: z.array(z.string()).default([]),
      properties: z
        .object({ templateFile: z.string(), stackName: z.string(), file: z.string(), directoryName: z.string() })
        .partial()
        .default({}),
    }),
  ),
});

const assets = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }).default({}),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

const parameter = z.object({ Type: z.string(), Default: z.unknown().optional() });
const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Metadata: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
});
const output = z.object({
  Value: z.unknown(),
  Export: z.object({ Name: z.unknown() }).optional(),
  Condition: z.string().optional(),
});
const template = z.object({
  Parameters: z.record(z.string(), parameter).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Mappings: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resource).default({}),
  Outputs: z.record(z.string(), output).default({}),
});

export type RawTemplate = z.infer<typeof template>;
export type RawResource = z.infer<typeof resource>;

export interface RawStack {
  name: string;
  /** absent when the stack may deploy to any region */
  region: string | undefined;
  template: RawTemplate;
}

export interface Assembly {
  /** a stack comes after those that it depends on */
  stacks: readonly RawStack[];
  /** folder or file of an asset, by its key in the assets bucket */
  assets: ReadonlyMap<string, string>;
}

/**
 * Reads a cloud assembly from its folder, stages (nested assemblies) included.
 * @throws TemplateError when the folder is not an assembly
 */
export function readAssembly(directory: string): Assembly {
  const found = readManifest(directory);
  const order = dependenciesFirst(found.artifacts);
  const stacks: RawStack[] = [];
  const files = new Map<string, string>();
  for (const id of order) {
    const artifact = found.artifacts[id];
    if (!artifact) continue;
    const { properties } = artifact;
    if (artifact.type === 'cdk:asset-manifest' && properties.file) readAssets(directory, properties.file, files);
    if (artifact.type === 'cdk:cloud-assembly' && properties.directoryName) {
      const nested = readAssembly(join(directory, properties.directoryName));
      stacks.push(...nested.stacks);
      for (const [key, path] of nested.assets) files.set(key, path);
    }
    if (artifact.type === 'aws:cloudformation:stack' && properties.templateFile) {
      const stated = /^aws:\/\/[^/]+\/(.+)$/.exec(artifact.environment ?? '')?.[1];
      stacks.push({
        name: properties.stackName ?? id,
        region: stated === 'unknown-region' ? undefined : stated,
        template: template.parse(readJson(join(directory, properties.templateFile))),
      });
    }
  }
  return { stacks, assets: files };
}

/** Parses one template, for those who have it without an assembly around it. */
export function parseTemplate(value: unknown): RawTemplate {
  return template.parse(value);
}

function readManifest(directory: string): z.infer<typeof manifest> {
  const parsed = manifest.safeParse(readJson(join(directory, 'manifest.json')));
  if (!parsed.success) throw new TemplateError(`${directory} is not a cloud assembly: ${parsed.error.message}`);
  return parsed.data;
}

function readAssets(directory: string, file: string, into: Map<string, string>): void {
  const parsed = assets.parse(readJson(join(directory, file)));
  for (const { source, destinations } of Object.values(parsed.files)) {
    if (source.path === undefined) continue;
    for (const { objectKey } of Object.values(destinations)) into.set(objectKey, join(directory, source.path));
  }
}

function dependenciesFirst(artifacts: z.infer<typeof manifest>['artifacts']): string[] {
  const done = new Set<string>();
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (done.has(id) || !artifact) return;
    for (const dependency of artifact.dependencies) visit(dependency);
    done.add(id);
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return [...done];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
