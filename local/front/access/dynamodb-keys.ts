import { z } from 'zod';
import type { Facts } from './access';
import { attributesIn, equalTo } from './expression';

const text = z.string().optional();
const byName = z.record(z.string(), z.unknown()).optional();

/** What requests say about one table: a whole request, or its part of a batch or a transaction. */
export const part = z.object({
  TableName: text,
  IndexName: text,
  Key: byName,
  Item: byName,
  ProjectionExpression: text,
  UpdateExpression: text,
  ConditionExpression: text,
  FilterExpression: text,
  KeyConditionExpression: text,
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: byName,
  AttributesToGet: z.array(z.string()).optional(),
  // What expressions have taken the place of.
  AttributeUpdates: byName,
  Expected: byName,
  QueryFilter: byName,
  ScanFilter: byName,
  KeyConditions: byName,
  Select: text,
  ReturnValues: text,
  ReturnValuesOnConditionCheckFailure: text,
});
export type Part = z.infer<typeof part>;

/**
 * Every attribute that a request names, keys included.
 * Source: DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control".
 */
export function attributesOf(one: Part): string[] {
  const objects = [
    one.Key,
    one.Item,
    one.AttributeUpdates,
    one.Expected,
    one.QueryFilter,
    one.ScanFilter,
    one.KeyConditions,
  ];
  const expressions = [
    one.ProjectionExpression,
    one.UpdateExpression,
    one.ConditionExpression,
    one.FilterExpression,
    one.KeyConditionExpression,
  ];
  return [
    ...objects.flatMap((each) => Object.keys(each ?? {})),
    ...expressions.flatMap((each) => attributesIn(each ?? '', one.ExpressionAttributeNames)),
    ...(one.AttributesToGet ?? []),
  ];
}

/** Values of the partition keys that a request names. @returns undefined when it names none, as a scan does */
export function leadingKeysOf(
  parts: readonly Part[],
  facts: Facts,
  tableName: (name: string) => string,
): readonly string[] | undefined {
  const values = parts.flatMap((one) => {
    const table = facts.table(tableName(one.TableName ?? ''));
    const key = one.IndexName === undefined ? table?.partitionKey : table?.indexes.get(one.IndexName);
    return key === undefined ? [] : (leadingKey(one, key) ?? []);
  });
  return values.length === 0 ? undefined : [...new Set(values)];
}

const equality = z.object({ ComparisonOperator: z.literal('EQ'), AttributeValueList: z.tuple([z.unknown()]) });

function leadingKey(one: Part, key: string): string | undefined {
  if (one.KeyConditionExpression !== undefined) {
    const placeholder = equalTo(key, one.KeyConditionExpression, one.ExpressionAttributeNames);
    return placeholder === undefined ? undefined : scalar(one.ExpressionAttributeValues?.[placeholder]);
  }
  const condition = equality.safeParse(one.KeyConditions?.[key]);
  return scalar(condition.success ? condition.data.AttributeValueList[0] : (one.Key?.[key] ?? one.Item?.[key]));
}

const attributeValue = z.union([
  z.object({ S: z.string() }).transform(({ S }) => S),
  z.object({ N: z.string() }).transform(({ N }) => N),
  z.object({ B: z.string() }).transform(({ B }) => B),
]);

function scalar(value: unknown): string | undefined {
  const parsed = attributeValue.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

const reads = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);

/** What a read returns, said or not. Source: DynamoDB API reference, "Query", parameter Select. */
export function selectOf(action: string, parts: readonly Part[]): string | undefined {
  if (!reads.has(action)) return undefined;
  const [one] = parts;
  if (one?.Select !== undefined) return one.Select;
  if (one?.ProjectionExpression !== undefined || one?.AttributesToGet !== undefined) return 'SPECIFIC_ATTRIBUTES';
  return one?.IndexName === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}
