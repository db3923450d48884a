/** A piece of an expression. */
interface Token {
  kind: 'name' | 'value' | 'sign';
  text: string;
}

/**
 * Names, aliases, values, and signs; spaces fall away. Source: DynamoDB developer guide, "Using expressions in
 * DynamoDB": a name without an alias has letters, digits and underscores.
 */
const pattern = /([A-Za-z_][A-Za-z0-9_]*|#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(<=|>=|<>|\[\s*\d+\s*\]|\S)/g;

/** Words that begin a clause of an update, where an attribute can't stand. */
const clauses = new Set(['SET', 'REMOVE', 'ADD', 'DELETE']);
/** Words between conditions: all of them reserved, so that no attribute has such a name without an alias. */
const connectives = new Set(['AND', 'OR', 'NOT', 'BETWEEN', 'IN']);
/** After these comes an operand, also where it is named as a clause is. */
const beforeOperand = new Set([',', '=', '+', '-', '(', '.']);

function tokensOf(expression: string): Token[] {
  return [...expression.matchAll(pattern)].map(([text, name, value]) => ({
    kind: name !== undefined ? 'name' : value !== undefined ? 'value' : 'sign',
    text,
  }));
}

/**
 * The attributes that an expression of DynamoDB names, whatever it does with them: of a document path, the first part.
 * @param aliases `ExpressionAttributeNames`; one that is missing there stands for itself
 */
export function attributesIn(expression: string, aliases: Readonly<Record<string, unknown>> = {}): string[] {
  const found = new Set<string>();
  let before = '';
  const tokens = tokensOf(expression);
  for (const [index, { kind, text }] of tokens.entries()) {
    const previous = before;
    before = text;
    if (kind !== 'name') continue;
    if (isClause(text, previous)) {
      before = text.toUpperCase();
      continue;
    }
    const called = tokens[index + 1]?.text === '(';
    if (called || previous === '.' || connectives.has(text.toUpperCase())) continue;
    found.add(text.startsWith('#') ? String(aliases[text] ?? text) : text);
  }
  return [...found];
}

function isClause(text: string, previous: string): boolean {
  return clauses.has(text.toUpperCase()) && !beforeOperand.has(previous) && !clauses.has(previous);
}

/**
 * The value that a key condition demands of an attribute: `#owner = :owner AND …`.
 * @returns the value's placeholder, `:owner`
 */
export function equalTo(
  attribute: string,
  expression: string,
  aliases: Readonly<Record<string, unknown>> = {},
): string | undefined {
  const tokens = tokensOf(expression);
  const at = tokens.findIndex(
    ({ kind, text }, index) =>
      kind === 'name' && (aliases[text] ?? text) === attribute && tokens[index + 1]?.text === '=',
  );
  const value = at < 0 ? undefined : tokens[at + 2];
  return value?.kind === 'value' ? value.text : undefined;
}
