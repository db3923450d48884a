import { AwsError } from '../call';
import type { Access, Facts } from './access';

const actions = { SELECT: 'PartiQLSelect', INSERT: 'PartiQLInsert', UPDATE: 'PartiQLUpdate', DELETE: 'PartiQLDelete' };

/** `"table"."index"`, or plain names. */
const name = String.raw`(?:"([^"]+)"|([\w.-]+?))(?:\s*\.\s*(?:"([^"]+)"|([\w-]+)))?(?=[\s;({]|$)`;
const forms: readonly (readonly [keyof typeof actions, RegExp])[] = [
  ['SELECT', new RegExp(String.raw`^\s*(?:EXISTS\s*\(\s*)?SELECT\b.*?\bFROM\s+${name}`, 'is')],
  ['INSERT', new RegExp(String.raw`^\s*INSERT\s+INTO\s+${name}`, 'is')],
  ['UPDATE', new RegExp(String.raw`^\s*UPDATE\s+${name}`, 'is')],
  ['DELETE', new RegExp(String.raw`^\s*DELETE\s+FROM\s+${name}`, 'is')],
];

/** Keys whose values would take reading the whole language. */
const unread = new Set(['dynamodb:leadingkeys', 'dynamodb:attributes', 'dynamodb:fulltablescan', 'dynamodb:select']);

/**
 * What a PartiQL statement needs.
 * Source: DynamoDB developer guide, "IAM security policies with PartiQL for DynamoDB".
 * @throws AwsError for a statement that is none of the four, and for conditions on its keys and attributes
 */
export function statementAccess(statement: string, facts: Facts, enclosing: string | undefined): Access {
  // Texts may hold anything, the words of the language too.
  const bare = statement.replace(/'(?:[^']|'')*'/g, "''");
  for (const [kind, form] of forms) {
    const [found, quoted, plain, quotedIndex, plainIndex] = form.exec(bare) ?? [];
    if (found === undefined) continue;
    const index = quotedIndex ?? plainIndex;
    const table = facts.arn('dynamodb', `table/${quoted ?? plain ?? ''}`);
    return {
      action: `dynamodb:${actions[kind]}`,
      resource: index === undefined ? table : `${table}/index/${index}`,
      keys: (key) => keyOf(key, enclosing),
    };
  }
  throw new AwsError(
    400,
    'ValidationException',
    `Statement wasn't well formed, can't be processed: ${bare.slice(0, 80)}`,
  );
}

function keyOf(key: string, enclosing: string | undefined): readonly string[] | undefined {
  if (unread.has(key)) {
    throw new AwsError(
      400,
      'ValidationException',
      `Conditions on ${key} are not served locally for PartiQL statements`,
    );
  }
  return key === 'dynamodb:enclosingoperation' && enclosing !== undefined ? [enclosing] : undefined;
}
