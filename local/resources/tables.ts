import { z } from 'zod';
import { callEngine, EngineError } from '../engine-call';
import type { Template } from '../model';
import { type Known, readAll } from '../template/known';
import { table as tableSchema } from '../template/schemas';

type Table = Known<z.infer<typeof tableSchema>>;

const anything = z.looseObject({});
const description = z.object({
  Table: z.object({
    KeySchema: z.unknown(),
    StreamSpecification: z.object({ StreamViewType: z.string() }).optional(),
    GlobalSecondaryIndexes: z.array(z.object({ IndexName: z.string() })).default([]),
  }),
});

/** Makes the tables of the template that the engine does not have yet. @throws when one of an earlier run differs */
export async function createTables(engine: string, template: Template): Promise<void> {
  // One after the other: the engine makes each in a few milliseconds, and has one lock.
  for (const each of readAll(template, 'AWS::DynamoDB::Table', tableSchema)) await createTable(engine, each);
}

async function createTable(engine: string, table: Table): Promise<void> {
  const name = table.resource.ref;
  try {
    await callEngine(engine, 'dynamodb', 'CreateTable', definition(table), anything);
  } catch (error) {
    if (!(error instanceof EngineError && error.type === 'ResourceInUseException')) throw error;
    return checkSame(engine, table);
  }
  const expiry = table.properties.TimeToLiveSpecification;
  if (!expiry) return;
  await callEngine(
    engine,
    'dynamodb',
    'UpdateTimeToLive',
    { TableName: name, TimeToLiveSpecification: expiry },
    anything,
  );
}

function definition({ resource, properties }: Table): Record<string, unknown> {
  const { StreamSpecification: stream, GlobalSecondaryIndexes: indexes, LocalSecondaryIndexes } = properties;
  return {
    TableName: resource.ref,
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    // Capacity is metered, not limited: a laptop is slower than any table.
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes?.length && {
      GlobalSecondaryIndexes: indexes.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      })),
    }),
    ...(LocalSecondaryIndexes?.length && { LocalSecondaryIndexes }),
    ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } }),
  };
}

/** Kept data of another shape would fail in odd ways later. */
async function checkSame(engine: string, { resource, properties }: Table): Promise<void> {
  const { Table } = await callEngine(engine, 'dynamodb', 'DescribeTable', { TableName: resource.ref }, description);
  const shape = (indexes: { IndexName: string }[] | undefined, keys: unknown, view: string | undefined): string =>
    JSON.stringify([indexes?.map(({ IndexName }) => IndexName).sort() ?? [], keys, view ?? '']);
  const kept = shape(Table.GlobalSecondaryIndexes, Table.KeySchema, Table.StreamSpecification?.StreamViewType);
  const wanted = shape(
    properties.GlobalSecondaryIndexes,
    properties.KeySchema,
    properties.StreamSpecification?.StreamViewType,
  );
  if (kept !== wanted) {
    throw new Error(
      `The kept data has a table ${resource.logicalId} of another shape: start with another --data folder.`,
    );
  }
}
