import { PolicyError } from './types';

/** A piece of a policy's text. */
type Part =
  | { is: 'text'; text: string }
  | { is: 'any' }
  | { is: 'one' }
  | { is: 'variable'; key: string; otherwise: string | undefined };

/** A text of a policy with its wildcards and variables found. */
export interface Pattern {
  /** as written */
  readonly text: string;
  readonly parts: readonly Part[];
}

export type Context = (key: string) => readonly string[] | undefined;

/** `*`, `?`, and `${…}` with an optional default: `${aws:PrincipalTag/team, 'company'}`. */
const token = /\*|\?|\$\{([^}]*)\}/g;
const variable = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/;

/**
 * Finds the wildcards and variables of a text.
 * Source: IAM, "IAM policy elements: Variables and tags".
 * @param variables whether `${…}` is one: only in policies of version 2012-10-17
 * @throws PolicyError for a variable that can't be read
 */
export function pattern(text: string, variables: boolean): Pattern {
  const parts: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(token)) {
    const [written, inner] = found;
    if (inner !== undefined && !variables) continue;
    if (found.index > from) parts.push({ is: 'text', text: text.slice(from, found.index) });
    parts.push(inner === undefined ? { is: written === '*' ? 'any' : 'one' } : variablePart(inner, text));
    from = found.index + written.length;
  }
  if (from < text.length) parts.push({ is: 'text', text: text.slice(from) });
  return { text, parts };
}

function variablePart(inner: string, whole: string): Part {
  // These three stand for the characters themselves.
  if (inner === '*' || inner === '?' || inner === '$') return { is: 'text', text: inner };
  const [, key, otherwise] = variable.exec(inner) ?? [];
  if (key === undefined) throw new PolicyError(`\${${inner}} in ${whole} is not a variable`);
  return { is: 'variable', key: key.toLowerCase(), otherwise };
}

/** The text itself, its wildcards taken as they stand. @returns undefined when a variable has no value */
export function exactly(written: Pattern, context: Context): string | undefined {
  return assemble(written, context, {
    text: (text) => text,
    any: () => '*',
    one: () => '?',
  });
}

/** Whether a value fits the wildcards. Nothing fits a pattern whose variable has no value. */
export function like(written: Pattern, value: string, context: Context, ignoreCase = false): boolean {
  const source = assemble(written, context, { text: quoted, any: () => '.*', one: () => '.' });
  return source !== undefined && new RegExp(`^${source}$`, ignoreCase ? 'is' : 's').test(value);
}

/**
 * Whether an ARN fits, part by part: in the first five of its six parts a wildcard does not reach over a colon.
 * Source: IAM, "IAM JSON policy elements: Condition operators", section on ARNs.
 * @param complete missing parts at the end stand for `*`, as they do in `Resource`
 */
export function likeArn(written: Pattern, value: string, context: Context, complete = false): boolean {
  if (written.text === '*') return true;
  let colons = 0;
  const literal = (text: string): string => {
    colons += text.split(':').length - 1;
    return quoted(text);
  };
  const wildcard = (one: string): string => (colons < 5 ? one.replace('.', '[^:]') : one);
  const source = assemble(written, context, {
    text: literal,
    any: () => wildcard('.*'),
    one: () => wildcard('.'),
  });
  if (source === undefined) return false;
  const rest = complete && colons < 5 ? `${':[^:]*'.repeat(4 - colons)}:.*` : '';
  return new RegExp(`^${source}${rest}$`, 's').test(value);
}

interface Writers {
  text(text: string): string;
  any(): string;
  one(): string;
}

function assemble({ parts }: Pattern, context: Context, write: Writers): string | undefined {
  let result = '';
  for (const part of parts) {
    if (part.is === 'variable') {
      const value = replacement(part.key, part.otherwise, context);
      if (value === undefined) return undefined;
      result += write.text(value);
    } else result += part.is === 'text' ? write.text(part.text) : write[part.is]();
  }
  return result;
}

/** A key of several values has no value as a variable. Source: IAM, "IAM policy elements: Variables and tags". */
function replacement(key: string, otherwise: string | undefined, context: Context): string | undefined {
  const values = context(key);
  return values?.length === 1 ? values[0] : otherwise;
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
