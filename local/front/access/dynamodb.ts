import { z } from 'zod';
import { AwsError } from '../call';
import type { Access, Facts } from './access';
import { attributesOf, leadingKeysOf, type Part, part, selectOf } from './dynamodb-keys';
import { statementAccess } from './partiql';

/** Operations that do one thing to one table or index. */
const single = new Set(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan']);

/** Operations on a table as such. */
const onTable = new Set([
  'CreateTable',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'UpdateTable',
  'UpdateTimeToLive',
]);
const onNothing = new Set(['DescribeEndpoints', 'DescribeLimits', 'ListTables', 'ListStreams']);
const onStream = new Set(['DescribeStream', 'GetShardIterator']);

/** Parts of a transaction, and what each needs. Source: DynamoDB developer guide, "Using IAM with DynamoDB transactions". */
const inTransaction: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

const item = z.record(z.string(), z.unknown());
const batchGet = z.object({ RequestItems: z.record(z.string(), part.extend({ Keys: z.array(item).default([]) })) });
const batchWrite = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(
      z.object({
        PutRequest: z.object({ Item: item }).optional(),
        DeleteRequest: z.object({ Key: item }).optional(),
      }),
    ),
  ),
});
const transaction = z.object({ TransactItems: z.array(z.record(z.string(), part)) });
const statement = z.object({ Statement: z.string() });
const statements = z.object({ Statements: z.array(statement) });
const transactStatements = z.object({ TransactStatements: z.array(statement) });
const returned = z.object({ ReturnConsumedCapacity: z.string().optional() });

/**
 * What a call to DynamoDB needs. Source: Service Authorization Reference, "Actions, resources, and condition keys for
 * Amazon DynamoDB".
 * @throws AwsError for an operation that is not known, or a request that does not read
 */
export function dynamodbAccess(operation: string, body: Buffer, facts: Facts): Access[] {
  const request = parsed(body);
  if (onNothing.has(operation)) return [{ action: `dynamodb:${operation}`, resource: '*' }];
  if (onStream.has(operation)) return [{ action: `dynamodb:${operation}`, resource: streamOf(request) }];
  const capacity = read(returned, request).ReturnConsumedCapacity;
  const of = (action: string, parts: readonly Part[], enclosing?: string): Access => ({
    action: `dynamodb:${action}`,
    resource: resourceOf(parts[0], facts),
    keys: keysOf(action, parts, facts, capacity, enclosing),
  });
  if (single.has(operation) || onTable.has(operation)) return [of(operation, [read(part, request)])];
  switch (operation) {
    case 'BatchGetItem':
      return Object.entries(read(batchGet, request).RequestItems).map(([TableName, { Keys, ...rest }]) =>
        of(operation, [{ ...rest, TableName }, ...Keys.map((Key) => ({ TableName, Key }))]),
      );
    case 'BatchWriteItem':
      return Object.entries(read(batchWrite, request).RequestItems).map(([TableName, writes]) =>
        of(operation, [
          { TableName },
          ...writes.map((each) => ({ TableName, ...each.PutRequest, ...each.DeleteRequest })),
        ]),
      );
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return read(transaction, request).TransactItems.flatMap((each) =>
        Object.entries(each).map(([kind, one]) => of(inTransaction[kind] ?? unknown(kind), [one], operation)),
      );
    case 'ExecuteStatement':
      return [statementAccess(read(statement, request).Statement, facts, undefined)];
    case 'BatchExecuteStatement':
      return read(statements, request).Statements.map((each) => statementAccess(each.Statement, facts, undefined));
    case 'ExecuteTransaction':
      return read(transactStatements, request).TransactStatements.map((each) =>
        statementAccess(each.Statement, facts, operation),
      );
    default:
      return unknown(operation);
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError(400, 'SerializationException', 'The request is not JSON');
  }
}

function read<T>(schema: z.ZodType<T>, request: unknown): T {
  const result = schema.safeParse(request);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AwsError(400, 'ValidationException', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function unknown(operation: string): never {
  throw new AwsError(400, 'UnknownOperationException', `${operation} is not served locally`);
}

/** A table may be named by its ARN. */
export function tableName(name: string): string {
  return name.split(':table/').at(-1) ?? name;
}

function resourceOf(first: Part | undefined, facts: Facts): string {
  const table = facts.arn('dynamodb', `table/${tableName(first?.TableName ?? '')}`);
  return first?.IndexName === undefined ? table : `${table}/index/${first.IndexName}`;
}

function streamOf(request: unknown): string {
  return read(z.object({ StreamArn: z.string() }), request).StreamArn;
}

function keysOf(
  action: string,
  parts: readonly Part[],
  facts: Facts,
  capacity: string | undefined,
  enclosing: string | undefined,
): (key: string) => readonly string[] | undefined {
  const one = (value: string | undefined): readonly string[] | undefined => (value === undefined ? undefined : [value]);
  return (key) => {
    switch (key) {
      case 'dynamodb:leadingkeys':
        return leadingKeysOf(parts, facts, tableName);
      case 'dynamodb:attributes':
        return [...new Set(parts.flatMap(attributesOf))];
      case 'dynamodb:select':
        return one(selectOf(action, parts));
      case 'dynamodb:returnvalues':
        return one(
          action === 'ConditionCheckItem' ? parts[0]?.ReturnValuesOnConditionCheckFailure : parts[0]?.ReturnValues,
        );
      case 'dynamodb:returnconsumedcapacity':
        return one(capacity);
      case 'dynamodb:enclosingoperation':
        return one(enclosing);
      default:
        return undefined;
    }
  };
}
