import { BlockList, isIP } from 'node:net';
import { type Context, exactly, like, likeArn, type Pattern } from './pattern';
import { type Condition, PolicyError } from './types';

/** Whether a value of the request fits one value of the policy. */
type Test = (value: string, wanted: Pattern, context: Context) => boolean;

interface Operator {
  test: Test;
  /** true where no value of the policy fits */
  negated: boolean;
  /** @throws PolicyError when the operator can't work with a value of the policy */
  check?: (wanted: string) => void;
  /** whether `${…}` is a variable in its values */
  variables: boolean;
}

/**
 * The condition operators. Source: IAM, "IAM JSON policy elements: Condition operators".
 */
const operators: ReadonlyMap<string, Operator> = new Map([
  ...withNegation(
    'StringEquals',
    'StringNotEquals',
    textual((value, wanted) => value === wanted),
  ),
  ...withNegation(
    'StringEqualsIgnoreCase',
    'StringNotEqualsIgnoreCase',
    textual((value, wanted) => value.toLowerCase() === wanted.toLowerCase()),
  ),
  ...withNegation('StringLike', 'StringNotLike', {
    test: (value, wanted, context) => like(wanted, value, context),
    variables: true,
  }),
  // AWS makes no difference between the two: both know wildcards.
  ...withNegation('ArnEquals', 'ArnNotEquals', { test: arn, variables: true }),
  ...withNegation('ArnLike', 'ArnNotLike', { test: arn, variables: true }),
  ...compared('Numeric', number),
  ...compared('Date', date),
  [
    'Bool',
    {
      ...textual((value, wanted) => value.toLowerCase() === wanted.toLowerCase()),
      check: boolean,
      variables: false,
      negated: false,
    },
  ],
  ['BinaryEquals', { ...textual((value, wanted) => value === wanted), variables: false, negated: false }],
  ...withNegation('IpAddress', 'NotIpAddress', {
    test: (value, wanted) =>
      isIP(value) > 0 && addresses(wanted.text).check(value, isIP(value) === 6 ? 'ipv6' : 'ipv4'),
    check: addresses,
    variables: false,
  }),
]);

/** `Null` looks for the key only. It takes neither a quantifier nor `IfExists`. */
const nullOperator = 'Null';

/**
 * What an operator's name says.
 * @throws PolicyError for one that AWS does not have
 */
export function operatorOf(name: string): Pick<Condition, 'operator' | 'quantifier' | 'ifExists'> {
  const [, set, operator = '', suffix] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const quantifier = set === 'ForAllValues' || set === 'ForAnyValue' ? set : undefined;
  const known = operator === nullOperator ? !quantifier && !suffix : operators.has(operator);
  if (!known) throw new PolicyError(`${name} is not a condition operator`);
  return { operator, quantifier, ifExists: suffix !== undefined };
}

/** Whether an operator's values may hold variables; the others are held to what the operator can compare. */
export function takesVariables(operator: string): boolean {
  return operators.get(operator)?.variables ?? false;
}

/** @throws PolicyError naming a value that the operator can't compare with */
export function checkValue(operator: string, value: string): void {
  if (operator === nullOperator) boolean(value);
  else operators.get(operator)?.check?.(value);
}

/**
 * Whether a condition is met. Several values in the policy are alternatives; for a negated operator none may fit.
 * Source: IAM, "Set operators for multivalued context keys" and "Condition operators" for keys that are missing.
 * @throws PolicyError when a key has several values and the operator does not say whether all or any must fit
 */
export function holds(condition: Condition, context: Context): boolean {
  const values = context(condition.key);
  if (condition.operator === nullOperator) return isNull(condition, values);
  const operator = operators.get(condition.operator);
  if (!operator) throw new PolicyError(`${condition.operator} is not a condition operator`);
  if (values === undefined && condition.ifExists) return true;
  const fits = (value: string): boolean =>
    condition.values.some((wanted) => operator.test(value, wanted, context)) !== operator.negated;
  if (condition.quantifier === 'ForAllValues') return !isPresent(values) || values.every(fits);
  if (condition.quantifier === 'ForAnyValue') return isPresent(values) && values.some(fits);
  const [value, second] = values ?? [];
  if (second !== undefined) throw new PolicyError(`${condition.key} has several values: it needs a set operator`);
  return value === undefined ? operator.negated : fits(value);
}

/** A key without values, or with nothing but an empty text, is taken as missing. */
function isPresent(values: readonly string[] | undefined): values is readonly string[] {
  return values?.some((value, _, { length }) => length > 1 || value !== '') ?? false;
}

function isNull({ values: wanted }: Condition, values: readonly string[] | undefined): boolean {
  return wanted.some(({ text }) => (text.toLowerCase() === 'true') !== isPresent(values));
}

function withNegation(name: string, opposite: string, operator: Omit<Operator, 'negated'>): [string, Operator][] {
  return [
    [name, { ...operator, negated: false }],
    [opposite, { ...operator, negated: true }],
  ];
}

function textual(same: (value: string, wanted: string) => boolean): Omit<Operator, 'negated'> {
  return {
    test: (value, wanted, context) => {
      const text = exactly(wanted, context);
      return text !== undefined && same(value, text);
    },
    variables: true,
  };
}

function arn(value: string, wanted: Pattern, context: Context): boolean {
  return likeArn(wanted, value, context);
}

/** The six comparisons of values that have an order. */
function compared(kind: string, read: (text: string) => number): [string, Operator][] {
  const operator = (holdsFor: (value: number, wanted: number) => boolean): Omit<Operator, 'negated'> => ({
    test: (value, wanted) => holdsFor(read(value), read(wanted.text)),
    check: (wanted) => {
      if (Number.isNaN(read(wanted))) throw new PolicyError(`${wanted} is not of ${kind} operators`);
    },
    variables: false,
  });
  const plain = (name: string, holdsFor: (value: number, wanted: number) => boolean): [string, Operator] => [
    `${kind}${name}`,
    { ...operator(holdsFor), negated: false },
  ];
  return [
    ...withNegation(
      `${kind}Equals`,
      `${kind}NotEquals`,
      operator((value, wanted) => value === wanted),
    ),
    plain('LessThan', (value, wanted) => value < wanted),
    plain('LessThanEquals', (value, wanted) => value <= wanted),
    plain('GreaterThan', (value, wanted) => value > wanted),
    plain('GreaterThanEquals', (value, wanted) => value >= wanted),
  ];
}

function number(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** Epoch milliseconds of an ISO 8601 text or of epoch seconds. */
function date(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) && text.length > 4 ? Number(text) * 1000 : Date.parse(text);
}

function boolean(text: string): void {
  if (!/^(true|false)$/i.test(text)) throw new PolicyError(`${text} is neither true nor false`);
}

/** @throws PolicyError when it is neither an address nor a range */
function addresses(range: string): BlockList {
  const [address = '', bits] = range.split('/');
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (version === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most) {
    throw new PolicyError(`${range} is not an address or a range of addresses`);
  }
  const list = new BlockList();
  list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
  return list;
}
