import { TemplateError } from '../model';
import { isObject } from '../template/json';

/** Says whether a value matches; `undefined` stands for a field that is not there. */
type Matcher = (value: unknown) => boolean;

/**
 * Compiles the patterns of a filter criteria: a record passes when any of them matches.
 * Source: Amazon EventBridge user guide, "Comparison operators"; Lambda developer guide, "Event filtering".
 * @throws TemplateError for a pattern that is not valid
 */
export function compileFilters(patterns: readonly string[]): Matcher {
  const matchers = patterns.map((pattern) => {
    const parsed: unknown = parse(pattern);
    if (!isObject(parsed)) throw invalid(pattern, 'it is not an object');
    return compileObject(parsed);
  });
  return (value) => matchers.length === 0 || matchers.some((matches) => matches(value));
}

function parse(pattern: string): unknown {
  try {
    return JSON.parse(pattern);
  } catch {
    throw invalid(pattern, 'it is not JSON');
  }
}

function compileObject(pattern: Record<string, unknown>): Matcher {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw invalid(pattern, 'it is empty');
  const matchers = entries.map(([key, rule]): Matcher => {
    if (key === '$or') return compileOr(rule);
    const matches = isObject(rule) ? compileObject(rule) : compileRules(key, rule);
    return (value) => matches(isObject(value) ? value[key] : undefined);
  });
  return (value) => matchers.every((matches) => matches(value));
}

function compileOr(rule: unknown): Matcher {
  if (!Array.isArray(rule) || rule.length < 2) throw invalid(rule, '$or needs a list of two patterns or more');
  const matchers = rule.map((each) => {
    if (!isObject(each)) throw invalid(each, 'an alternative of $or is a pattern');
    return compileObject(each);
  });
  return (value) => matchers.some((matches) => matches(value));
}

function compileRules(key: string, rules: unknown): Matcher {
  if (!Array.isArray(rules) || rules.length === 0) throw invalid(rules, `${key} needs a list of values or operators`);
  const matchers = rules.map((rule): { matches: Matcher; absent: boolean } => {
    const absent = isObject(rule) && rule.exists === false;
    return { absent, matches: isObject(rule) ? compileOperator(rule) : literal(rule) };
  });
  return (value) =>
    matchers.some(({ matches, absent }) => {
      if (value === undefined || absent) return absent && value === undefined;
      // A list matches when one of its entries does.
      return Array.isArray(value) ? value.some(matches) : matches(value);
    });
}

function literal(expected: unknown): Matcher {
  if (Array.isArray(expected)) throw invalid(expected, 'a list within a list');
  return (value) => value === expected;
}

function compileOperator(rule: Record<string, unknown>): Matcher {
  const [[name, argument] = ['', undefined], ...others] = Object.entries(rule);
  const compile = operators[name];
  if (!compile || others.length > 0) throw invalid(rule, 'there is no such operator');
  return compile(argument);
}

const operators: Readonly<Record<string, (argument: unknown) => Matcher>> = {
  exists: (argument) => {
    if (typeof argument !== 'boolean') throw invalid(argument, 'exists needs true or false');
    return (value) => !isObject(value);
  },
  prefix: (argument) => onText(argument, (text, part) => text.startsWith(part)),
  suffix: (argument) => onText(argument, (text, part) => text.endsWith(part)),
  'equals-ignore-case': (argument) => onText(argument, (text, part) => text.toLowerCase() === part.toLowerCase()),
  'anything-but': anythingBut,
  numeric,
};

function onText(argument: unknown, compare: (text: string, part: string) => boolean): Matcher {
  if (isObject(argument) && typeof argument['equals-ignore-case'] === 'string') {
    const part = argument['equals-ignore-case'].toLowerCase();
    return (value) => typeof value === 'string' && compare(value.toLowerCase(), part);
  }
  if (typeof argument !== 'string') throw invalid(argument, 'the operator needs a text');
  return (value) => typeof value === 'string' && compare(value, argument);
}

function anythingBut(argument: unknown): Matcher {
  if (isObject(argument)) {
    const matches = compileOperator(argument);
    return (value) => !matches(value);
  }
  const refused = Array.isArray(argument) ? argument : [argument];
  if (!refused.every((each) => typeof each === 'string' || typeof each === 'number')) {
    throw invalid(argument, 'anything-but needs texts or numbers');
  }
  return (value) => !refused.some((each) => each === value);
}

function numeric(argument: unknown): Matcher {
  const comparisons: Record<string, (value: number, bound: number) => boolean> = {
    '=': (value, bound) => value === bound,
    '<': (value, bound) => value < bound,
    '<=': (value, bound) => value <= bound,
    '>': (value, bound) => value > bound,
    '>=': (value, bound) => value >= bound,
  };
  const parts: unknown[] = Array.isArray(argument) ? argument : [];
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [compare, bound] = [comparisons[String(parts[at])], parts[at + 1]];
    if (!compare || typeof bound !== 'number') throw invalid(argument, 'numeric needs operators and numbers in turn');
    tests.push((value) => compare(value, bound));
  }
  if (tests.length === 0 || parts.length % 2 !== 0)
    throw invalid(argument, 'numeric needs operators and numbers in turn');
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function invalid(pattern: unknown, reason: string): TemplateError {
  const text = typeof pattern === 'string' ? pattern : (JSON.stringify(pattern) ?? String(pattern));
  return new TemplateError(`The filter pattern ${text} is not valid: ${reason}`);
}
