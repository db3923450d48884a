import type { Template } from '../../model';
import { readAll } from '../../template/known';
import { table } from '../../template/schemas';

/** Names of the key attributes that tell partitions apart. */
export interface Table {
  partitionKey: string | undefined;
  /** by index name */
  indexes: ReadonlyMap<string, string | undefined>;
}

/** The tables of a template by name. */
export function tablesOf(template: Template): ReadonlyMap<string, Table> {
  return new Map(
    readAll(template, 'AWS::DynamoDB::Table', table).map(({ resource, properties }) => {
      const { KeySchema, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = properties;
      const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].map(
        (index): [string, string | undefined] => [index.IndexName, partitionKey(index.KeySchema)],
      );
      return [resource.ref, { partitionKey: partitionKey(KeySchema), indexes: new Map(indexes) }];
    }),
  );
}

function partitionKey(schema: readonly { AttributeName: string; KeyType: string }[]): string | undefined {
  return schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
}
