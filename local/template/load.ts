import { createHash } from 'node:crypto';
import { accountId, partition, type Resource, region, type Template, TemplateError } from '../model';
import type { Assembly, RawResource, RawStack } from './assembly';
import { type Addresses, type Identity, identify, madeUp } from './identity';
import { objectOf } from './json';
import { checkKnown } from './known';
import { holds, resolve, type Scope } from './resolve';
import { secret as secretSchema } from './schemas';

interface Exports {
  values: Map<string, string>;
  /** properties of secrets by their ARN */
  secrets: Map<string, unknown>;
  parameters: Map<string, string>;
}

/**
 * Resolves every stack of an assembly.
 * @throws TemplateError for what can't be resolved, or is of a type or has a property that is not known
 */
export function loadTemplate(assembly: Assembly, addresses: Addresses): Template {
  const shared: Exports = { values: new Map(), secrets: new Map(), parameters: new Map() };
  const resources: Resource[] = [];
  const outputs: Record<string, Record<string, string>> = {};
  for (const stack of assembly.stacks) {
    const loaded = loadStack(stack, addresses, shared);
    resources.push(...loaded.resources);
    outputs[stack.name] = loaded.outputs;
  }
  const template: Template = {
    resources,
    outputs,
    ofType: (type) => resources.filter((resource) => resource.type === type),
    find: (logicalId) => {
      const [found, second] = resources.filter((resource) => resource.logicalId === logicalId);
      if (!found || second) throw new TemplateError(`${found ? 'More than one' : 'No'} resource is named ${logicalId}`);
      return found;
    },
  };
  checkKnown(template);
  return template;
}

function loadStack(
  stack: RawStack,
  addresses: Addresses,
  shared: Exports,
): { resources: Resource[]; outputs: Record<string, string> } {
  const scope = scopeOf(stack, addresses, shared);
  const resources: Resource[] = [];
  for (const [logicalId, raw] of valuesFirst(stack.template.Resources)) {
    if (raw.Condition !== undefined && !holds(raw.Condition, scope)) continue;
    const resource = loadResource(stack.name, logicalId, raw, scope);
    resources.push(resource);
    if (raw.Type === 'AWS::SecretsManager::Secret') shared.secrets.set(resource.ref, resource.properties);
    if (raw.Type === 'AWS::SSM::Parameter') {
      shared.parameters.set(String(resource.properties.Name ?? resource.ref), String(resource.properties.Value));
    }
  }
  return { resources, outputs: loadOutputs(stack, scope, shared) };
}

/** Secrets and stored parameters before those that may refer to their values. */
function valuesFirst(resources: Record<string, RawResource>): [string, RawResource][] {
  const isValue = ([, { Type }]: [string, RawResource]): boolean =>
    Type === 'AWS::SecretsManager::Secret' || Type === 'AWS::SSM::Parameter';
  const all = Object.entries(resources);
  return [...all.filter(isValue), ...all.filter((entry) => !isValue(entry))];
}

function loadResource(stack: string, logicalId: string, raw: RawResource, scope: Scoped): Resource {
  try {
    const identity = scope.identity(logicalId);
    return {
      stack,
      logicalId,
      type: raw.Type,
      ref: identity?.ref ?? logicalId,
      attributes: identity?.attributes ?? {},
      properties: objectOf(resolve(raw.Properties, scope), 'Properties'),
      metadata: raw.Metadata,
    };
  } catch (error) {
    if (error instanceof TemplateError) throw new TemplateError(`${logicalId} (${raw.Type}): ${error.message}`);
    throw error;
  }
}

function loadOutputs(stack: RawStack, scope: Scope, shared: Exports): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(stack.template.Outputs)) {
    if (output.Condition !== undefined && !holds(output.Condition, scope)) continue;
    const value = String(resolve(output.Value, scope));
    outputs[name] = value;
    if (output.Export) shared.values.set(String(resolve(output.Export.Name, scope)), value);
  }
  return outputs;
}

interface Scoped extends Scope {
  identity(logicalId: string): Identity | undefined;
}

function scopeOf(stack: RawStack, addresses: Addresses, shared: Exports): Scoped {
  const place = { region: stack.region ?? region, accountId, partition };
  const owner = { ...addresses, ...place, stack: stack.name };
  const identities = new Map<string, Identity>();
  const identity = (logicalId: string): Identity | undefined => {
    const raw = stack.template.Resources[logicalId];
    const known = identities.get(logicalId);
    if (known || !raw) return known;
    const made = identify(raw.Type, logicalId, naming(raw, scope), owner);
    identities.set(logicalId, made);
    return made;
  };
  const scope: Scoped = {
    ...place,
    stackName: stack.name,
    parameters: parametersOf(stack, shared),
    conditions: stack.template.Conditions,
    mappings: stack.template.Mappings,
    identity,
    ref: (logicalId) => identity(logicalId)?.ref,
    attribute: (logicalId, attribute) => attributeOf(stack.name, logicalId, attribute, identity(logicalId)),
    imported: (name) => shared.values.get(name),
    dynamic: (service, reference) => dynamicOf(service, reference, shared),
  };
  return scope;
}

/** Only these properties take part in names; the others may refer back to the resource, so they stay unresolved. */
function naming(raw: RawResource, scope: Scope): Record<string, unknown> {
  const taking = Object.entries(raw.Properties).filter(([key]) =>
    /Name$|^(UserId|UserGroupId|StreamARN|ProtocolType)$/.test(key),
  );
  return Object.fromEntries(taking.map(([key, value]) => [key, resolve(value, scope)]));
}

function attributeOf(stack: string, logicalId: string, attribute: string, identity: Identity | undefined): unknown {
  if (!identity) throw new TemplateError(`${stack}: Fn::GetAtt of ${logicalId}, which is not in the stack`);
  const value = identity.attributes[attribute];
  if (value !== undefined) return value;
  if (identity.open) return madeUp(identity.ref, attribute);
  throw new TemplateError(`${stack}: Fn::GetAtt ${logicalId}.${attribute} is not known`);
}

function parametersOf(stack: RawStack, shared: Exports): Record<string, unknown> {
  const entries = Object.entries(stack.template.Parameters).map(([name, { Type, Default }]): [string, unknown] => {
    if (Type.startsWith('AWS::SSM::Parameter::Value')) return [name, stored(String(Default), shared)];
    if (Default === undefined) throw new TemplateError(`${stack.name}: parameter ${name} has no default`);
    return [name, Type.startsWith('List<') || Type === 'CommaDelimitedList' ? String(Default).split(',') : Default];
  });
  return Object.fromEntries(entries);
}

/** A value of the parameter store: those of the template, and the version that `cdk bootstrap` leaves. */
function stored(name: string, shared: Exports): string {
  // A machine image has no meaning here: it is what a network's way out runs on.
  if (name.startsWith('/aws/service/ami-')) return 'ami-00000000';
  const value = name.startsWith('/cdk-bootstrap/') ? '99' : shared.parameters.get(name);
  if (value === undefined) throw new TemplateError(`no stack makes the parameter ${name}`);
  return value;
}

function dynamicOf(service: string, reference: string, shared: Exports): string {
  if (service === 'ssm') return stored(reference.split(':')[0] ?? '', shared);
  const [, arn = '', key = ''] = /^(.*?)(?::SecretString(?::([^:]*))?.*)?$/.exec(reference) ?? [];
  const properties = shared.secrets.get(arn);
  if (service !== 'secretsmanager' || properties === undefined) {
    throw new TemplateError(`{{resolve:${service}:${reference}}} refers to nothing in the template`);
  }
  const value = secretValue(arn, properties);
  return key ? String(objectOf(JSON.parse(value), 'the secret')[key]) : value;
}

/** The text of a secret: as given, or generated from its ARN so that a later run finds the same. */
export function secretValue(arn: string, properties: unknown): string {
  const { SecretString, GenerateSecretString: generate } = secretSchema.parse(properties);
  if (SecretString !== undefined) return SecretString;
  const text = createHash('sha512').update(`local ${arn}`).digest('hex');
  const password = text.slice(0, generate?.PasswordLength ?? 32);
  if (generate?.GenerateStringKey === undefined) return password;
  const shape = objectOf(JSON.parse(generate.SecretStringTemplate ?? '{}'), 'SecretStringTemplate');
  return JSON.stringify({ ...shape, [generate.GenerateStringKey]: password });
}
