import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../../local/engines/paths';
import { isObject, type JsonObject, objectOf } from '../../local/template/json';
import { fitTemplate } from './gaps';

const templateSuffix = '.template.json';
const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** What `-c` says. The emulator has no OpenSearch, and nothing that copies the console's files into their bucket. */
const context = { env: 'dev', search: 'none', web: 'none' };

/**
 * Makes the app's assembly, as the CDK's command line does, fitted to the emulator.
 * @param bundles folder of the functions' bundles
 * @returns what was left out of the templates, with reasons
 * @throws Error with the app's words
 */
export function synthesize(folder: string, bundles: string): string[] {
  const configured = cdkJson.parse(JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'))).context;
  const env = {
    ...process.env,
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...configured, ...context, bundles }),
  };
  const app = spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], { cwd: ROOT, env, encoding: 'utf8' });
  if (app.status !== 0) throw new Error(`The app can’t be synthesized:\n${app.stdout}${app.stderr}`);
  const notes: string[] = [];
  rewrite(folder, (template) => {
    const fitted = fitTemplate(template);
    notes.push(...fitted.notes);
    return fitted.template;
  });
  return notes;
}

/**
 * Sets variables of the functions that have them, as a change of `lib/environments.ts` would.
 * @throws Error where no function has them
 */
export function setVariables(folder: string, values: Readonly<Record<string, string>>): void {
  let changed = 0;
  rewrite(folder, (template) => {
    for (const variables of variablesOf(template)) {
      if (!Object.keys(values).every((name) => name in variables)) continue;
      Object.assign(variables, values);
      changed += 1;
    }
    return template;
  });
  if (changed === 0) throw new Error(`No function has the variables ${Object.keys(values).join(', ')}.`);
}

const functionSchema = z.object({
  Type: z.literal('AWS::Lambda::Function'),
  Properties: z.object({ Environment: z.object({ Variables: z.custom<JsonObject>(isObject) }) }),
});

function variablesOf(template: JsonObject): JsonObject[] {
  return Object.values(objectOf(template.Resources, 'Resources')).flatMap((resource) => {
    const found = functionSchema.safeParse(resource);
    return found.success ? [found.data.Properties.Environment.Variables] : [];
  });
}

/** Stacks of an assembly, by their names. */
export function stackNames(folder: string): string[] {
  return templatesIn(folder).map((name) => name.slice(0, -templateSuffix.length));
}

export function readTemplate(folder: string, stack: string): JsonObject {
  return objectOf(JSON.parse(readFileSync(join(folder, stack + templateSuffix), 'utf8')), stack);
}

const templatesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(templateSuffix))
    .sort();

/** A template is uploaded under the hash of its text, and not at all where that hash is there: it gets its new one. */
function rewrite(folder: string, change: (template: JsonObject) => JsonObject): void {
  for (const stack of stackNames(folder)) {
    const text = JSON.stringify(change(readTemplate(folder, stack)), undefined, 1);
    const assets = join(folder, `${stack}.assets.json`);
    const manifest = join(folder, 'manifest.json');
    const before = hashIn(readFileSync(assets, 'utf8'), stack);
    const after = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(folder, stack + templateSuffix), text);
    for (const path of [assets, manifest]) {
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(before, after));
    }
  }
}

const assetsSchema = z.object({ files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })) });

function hashIn(assets: string, stack: string): string {
  const { files } = assetsSchema.parse(JSON.parse(assets));
  const found = Object.entries(files).find(([, { source }]) => source.path === stack + templateSuffix);
  if (!found) throw new Error(`The template of ${stack} is no asset of its assembly.`);
  return found[0];
}
