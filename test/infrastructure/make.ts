import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { waystream } from '../../lib/app';
import { ServiceFunction } from '../../lib/service-function';
import { entries } from './synthesize';

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

/** Both templates as they are synthesized, and the handlers' places by the logical ids of their functions. */
export function make(context: Record<string, string>): { data: unknown; service: unknown; entries: string[][] } {
  const app = newApp(context);
  const { data, service } = waystream(app);
  const functions = service.node.findAll().filter((each) => each instanceof ServiceFunction);
  const assembly = app.synth();
  return {
    data: assembly.getStackByName(data.stackName).template,
    service: assembly.getStackByName(service.stackName).template,
    entries: functions.map((fn) => [service.resolve(service.getLogicalId(fn.template)), fn.entry]),
  };
}
