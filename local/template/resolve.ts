import { TemplateError } from '../model';
import { isObject, type JsonObject } from './json';

/** What the intrinsic functions of one stack can see. */
export interface Scope {
  stackName: string;
  region: string;
  accountId: string;
  partition: string;
  /** parameter values by name, already looked up */
  parameters: Readonly<Record<string, unknown>>;
  conditions: JsonObject;
  mappings: JsonObject;
  /** what `Ref` gives for a resource. @returns undefined when the stack has no such resource */
  ref(logicalId: string): string | undefined;
  /** what `Fn::GetAtt` gives. @throws TemplateError when the resource or the attribute is unknown */
  attribute(logicalId: string, attribute: string): unknown;
  /** @returns undefined when no stack before this one exports the name */
  imported(name: string): string | undefined;
  /** text of a dynamic reference, `{{resolve:SERVICE:REFERENCE}}` */
  dynamic(service: string, reference: string): string;
}

/** `AWS::NoValue`: the property or list entry that holds it does not exist. */
const noValue = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/**
 * A part of a template with all its intrinsic functions and dynamic references replaced by their values.
 * @throws TemplateError naming the function that is unknown or can't be resolved
 */
export function resolve(value: unknown, scope: Scope): unknown {
  const resolved = evaluate(value, scope);
  return resolved === noValue ? undefined : resolved;
}

/** The value of a named condition. @throws TemplateError when the template has no such condition */
export function holds(condition: string, scope: Scope): boolean {
  if (!(condition in scope.conditions)) throw new TemplateError(`${scope.stackName}: no condition ${condition}`);
  return truth(evaluate(scope.conditions[condition], scope));
}

function evaluate(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return references(value, scope);
  if (Array.isArray(value)) return value.map((each) => evaluate(each, scope)).filter((each) => each !== noValue);
  if (!isObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  if (name !== undefined && others.length === 0 && /^(Ref|Condition|Fn::\w+)$/.test(name)) {
    return call(name, value[name], scope);
  }
  const entries = Object.entries(value).map(([key, each]): [string, unknown] => [key, evaluate(each, scope)]);
  return Object.fromEntries(entries.filter(([, each]) => each !== noValue));
}

function call(name: string, argument: unknown, scope: Scope): unknown {
  const intrinsic = intrinsics[name];
  if (!intrinsic) throw new TemplateError(`${scope.stackName}: ${name} is not known`);
  const result = intrinsic(argument, scope);
  return typeof result === 'string' ? references(result, scope) : result;
}

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => ref(String(argument), scope),
  Condition: (argument, scope) => holds(String(argument), scope),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...path] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    return scope.attribute(logicalId ?? '', path.join('.'));
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = list(argument, scope, 'Fn::Join');
    return list(parts, scope, 'Fn::Join').map(scalar).join(String(separator));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, scope) => {
    const [index, from] = list(argument, scope, 'Fn::Select');
    const chosen = list(from, scope, 'Fn::Select')[Number(index)];
    if (chosen === undefined) throw new TemplateError(`${scope.stackName}: Fn::Select has no entry ${String(index)}`);
    return chosen;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = list(argument, scope, 'Fn::Split');
    return scalar(text).split(String(separator));
  },
  'Fn::If': (argument, scope) => {
    if (!Array.isArray(argument)) throw new TemplateError(`${scope.stackName}: Fn::If needs a list`);
    return evaluate(holds(String(argument[0]), scope) ? argument[1] : argument[2], scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = list(argument, scope, 'Fn::Equals');
    return scalar(left) === scalar(right);
  },
  'Fn::And': (argument, scope) => list(argument, scope, 'Fn::And').every(truth),
  'Fn::Or': (argument, scope) => list(argument, scope, 'Fn::Or').some(truth),
  'Fn::Not': (argument, scope) => !truth(list(argument, scope, 'Fn::Not')[0]),
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = list(argument, scope, 'Fn::FindInMap').map(String);
    const found = [map, first, second].reduce<unknown>(
      (at, key) => (isObject(at) ? at[key ?? ''] : at),
      scope.mappings,
    );
    if (found === undefined) throw new TemplateError(`${scope.stackName}: no mapping ${map}.${first}.${second}`);
    return found;
  },
  'Fn::GetAZs': (_, scope) => ['a', 'b', 'c'].map((zone) => `${scope.region}${zone}`),
  'Fn::Base64': (argument, scope) => Buffer.from(scalar(evaluate(argument, scope))).toString('base64'),
  'Fn::ImportValue': (argument, scope) => {
    const name = String(evaluate(argument, scope));
    const value = scope.imported(name);
    if (value === undefined) throw new TemplateError(`${scope.stackName}: nothing exports ${name}`);
    return value;
  },
};

function ref(name: string, scope: Scope): unknown {
  const pseudo: Record<string, unknown> = {
    'AWS::Region': scope.region,
    'AWS::AccountId': scope.accountId,
    'AWS::Partition': scope.partition,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': scope.stackName,
    'AWS::StackId': `arn:${scope.partition}:cloudformation:${scope.region}:${scope.accountId}:stack/${scope.stackName}/local`,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': noValue,
  };
  if (name in pseudo) return pseudo[name];
  if (name in scope.parameters) return scope.parameters[name];
  const found = scope.ref(name);
  if (found === undefined) throw new TemplateError(`${scope.stackName}: Ref ${name} is not a resource or parameter`);
  return found;
}

function substitute(argument: unknown, scope: Scope): string {
  const [text, extra] = Array.isArray(argument) ? argument : [argument, {}];
  const variables = isObject(extra) ? extra : {};
  return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in variables) return scalar(evaluate(variables[name], scope));
    const [logicalId, ...path] = name.split('.');
    return scalar(path.length > 0 ? scope.attribute(logicalId ?? '', path.join('.')) : ref(name, scope));
  });
}

/** Replaces `{{resolve:service:reference}}` within a text. */
function references(text: string, scope: Scope): string {
  if (!text.includes('{{resolve:')) return text;
  return text.replace(/\{\{resolve:([a-z-]+):([^}]+)\}\}/g, (_, service: string, rest: string) =>
    scope.dynamic(service, rest),
  );
}

function list(argument: unknown, scope: Scope, name: string): unknown[] {
  const value = evaluate(argument, scope);
  if (!Array.isArray(value)) throw new TemplateError(`${scope.stackName}: ${name} needs a list`);
  return value;
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(`a text is needed where the template has ${JSON.stringify(value) ?? String(value)}`);
}

function truth(value: unknown): boolean {
  return value === true || value === 'true';
}
