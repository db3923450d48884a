import { z } from 'zod';
import { checkValue, operatorOf, takesVariables } from './conditions';
import { type Pattern, pattern } from './pattern';
import { type Condition, type Patterns, type Policy, PolicyError, type Principals, type Statement } from './types';

const oneOrMore = <T extends z.ZodType>(schema: T) =>
  z.union([schema.transform((one) => [one]), z.array(schema).min(1)]);
const texts = oneOrMore(z.string());
/** CloudFormation and people write numbers and booleans where a policy has texts. */
const values = z.union([
  z.union([z.string(), z.number(), z.boolean()]).transform((one) => [String(one)]),
  z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)).min(1),
]);
const principal = z.union([
  z.literal('*'),
  z.strictObject({
    AWS: texts.optional(),
    Service: texts.optional(),
    Federated: texts.optional(),
    CanonicalUser: texts.optional(),
  }),
]);
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: principal.optional(),
  NotPrincipal: principal.optional(),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Resource: texts.optional(),
  NotResource: texts.optional(),
  Condition: z.record(z.string(), z.record(z.string(), values)).optional(),
});
const document = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).default('2008-10-17'),
  Id: z.string().optional(),
  Statement: oneOrMore(statement),
});
type Written = z.infer<typeof statement>;

/** What a policy is attached to. A session's policy and a boundary are written as an identity's. */
export type Place = 'identity' | 'resource' | 'trust';

/**
 * Reads a policy document. Source: IAM, "IAM JSON policy element reference" and "Grammar of the IAM JSON policy language".
 * @param written the document, or its JSON
 * @param name under which its statements are known: logical id of its resource
 * @param place decides whether its statements must name principals and resources
 * @throws PolicyError naming the element, operator or value that is not known or not in its place
 */
export function parsePolicy(written: unknown, name = 'policy', place: Place = 'identity'): Policy {
  try {
    const parsed = document.parse(typeof written === 'string' ? JSON.parse(written) : written);
    // Before this version, `${…}` was text. Source: IAM, "IAM JSON policy elements: Version".
    const variables = parsed.Version === '2012-10-17';
    const statements = parsed.Statement.map((each, index) => statementOf(each, { policy: name, index }, variables));
    for (const each of statements) checkPlace(each, place);
    return { name, statements };
  } catch (error) {
    throw new PolicyError(`${name}: ${describe(error)}`);
  }
}

function statementOf(written: Written, ref: Statement['ref'], variables: boolean): Statement {
  const action = either(written.Action, written.NotAction, 'Action', (text) => actionPattern(text));
  if (!action) throw new PolicyError(`statement ${ref.index} names no Action`);
  return {
    ref,
    effect: written.Effect,
    action,
    resource: either(written.Resource, written.NotResource, 'Resource', (text) => resourcePattern(text, variables)),
    principal: principalsOf(written),
    conditions: Object.entries(written.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => conditionOf(operator, key, wanted, variables)),
    ),
  };
}

/** An identity's policy names no principal, a role's trust no resource; every other needs both or its own. */
function checkPlace({ ref, principal: named, resource }: Statement, place: Place): void {
  const check = (element: string, there: boolean, wanted: boolean): void => {
    if (there === wanted) return;
    throw new PolicyError(`statement ${ref.index} ${wanted ? 'needs' : 'can not have'} ${element}: ${place} policy`);
  };
  check('Principal', named !== undefined, place !== 'identity');
  check('Resource', resource !== undefined, place !== 'trust');
}

/** @throws PolicyError when both the element and its opposite are there */
function either(
  element: string[] | undefined,
  opposite: string[] | undefined,
  name: string,
  read: (text: string) => Pattern,
): Patterns | undefined {
  if (element && opposite) throw new PolicyError(`${name} and Not${name} exclude each other`);
  const written = element ?? opposite;
  return written && { negated: element === undefined, patterns: written.map(read) };
}

function actionPattern(text: string): Pattern {
  if (text !== '*' && !/^[a-z0-9-]+:[a-z0-9*?]+$/i.test(text)) throw new PolicyError(`${text} is not an action`);
  return pattern(text, false);
}

/** Variables stand in the last part of an ARN only. Source: IAM, "IAM policy elements: Variables and tags". */
function resourcePattern(text: string, variables: boolean): Pattern {
  if (text !== '*' && !text.startsWith('arn:')) throw new PolicyError(`${text} is neither an ARN nor *`);
  const [before = '', service = ''] = /^arn:[^:]*:([^:]*)(?::[^:]*){0,2}/.exec(text) ?? [];
  if (/[*?]/.test(service)) throw new PolicyError(`${text} has a wildcard for its service`);
  if (variables && before.includes('${')) throw new PolicyError(`${text} has a variable before its resource`);
  return pattern(text, variables);
}

function principalsOf({ Principal, NotPrincipal }: Written): Principals | undefined {
  if (Principal && NotPrincipal) throw new PolicyError('Principal and NotPrincipal exclude each other');
  const written = Principal ?? NotPrincipal;
  if (written === undefined) return undefined;
  const negated = Principal === undefined;
  if (written === '*') return { negated, everyone: true, aws: [], others: [] };
  const { AWS = [], Service = [], Federated = [], CanonicalUser = [] } = written;
  const part = AWS.find((each) => each !== '*' && /[*?]/.test(each));
  if (part !== undefined) throw new PolicyError(`a wildcard can't be a part of a principal: ${part}`);
  return { negated, everyone: AWS.includes('*'), aws: AWS, others: [...Service, ...Federated, ...CanonicalUser] };
}

function conditionOf(name: string, key: string, wanted: readonly string[], variables: boolean): Condition {
  const operator = operatorOf(name);
  for (const value of wanted) checkValue(operator.operator, value);
  const withVariables = variables && takesVariables(operator.operator);
  return { ...operator, key: key.toLowerCase(), values: wanted.map((value) => pattern(value, withVariables)) };
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) return error.issues.flatMap(lines).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** Of a choice of shapes, what is wrong with each. */
function lines(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${path ? `${path}.` : ''}${key} is not an element of a policy`);
  }
  if (issue.code === 'invalid_union') {
    return issue.errors.flatMap((each) => each.flatMap((one) => lines({ ...one, path: [...issue.path, ...one.path] })));
  }
  return [`${path}: ${issue.message}`];
}
