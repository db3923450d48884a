import { type AttributeValue, type DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type Partition, partitionSchema } from '../contract/partition';

/** Partitions that an instance remembers having entered; emptied when full. */
const REMEMBERED = 5_000;

/** The list of one day's cities has a partition key of its own: no city's name has a `#`. */
const dayKey = (day: string) => `day#${day}`;

/**
 * The catalogue of partitions. Each has its item (`city`, `day`), and a copy of it in the list of its day
 * (`day#<day>`, city), so that the partitions of a day are one Query and never a scan. Whoever changes a partition
 * changes both.
 */
export class Catalogue {
  private readonly entered = new Set<string>();

  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** Enters a partition unless it is there: what is known of one, its tier above all, is never overwritten. */
  async enter(partition: Partition): Promise<void> {
    const { city, day } = partition;
    const name = `${city} ${day}`;
    if (this.entered.has(name)) return;
    await this.put({ city, day }, partition);
    await this.put({ city: dayKey(day), day: city }, partition);
    if (this.entered.size >= REMEMBERED) this.entered.clear();
    this.entered.add(name);
  }

  private async put(key: { city: string; day: string }, { tier, from, to, index }: Partition): Promise<void> {
    const names = ['tier', 'from', 'to', 'index'];
    await this.dynamodb.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: marshall(key),
        UpdateExpression: `SET ${names.map((name) => `#${name} = if_not_exists(#${name}, :${name})`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: marshall({ ':tier': tier, ':from': from, ':to': to, ':index': index }),
      }),
    );
  }

  /** @returns the partitions whose local day is `day`, by city */
  async ofDay(day: string): Promise<Partition[]> {
    const partitions: Partition[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await this.dynamodb.send(
        new QueryCommand({
          TableName: this.table,
          KeyConditionExpression: 'city = :day',
          ExpressionAttributeValues: { ':day': { S: dayKey(day) } },
          ...(start && { ExclusiveStartKey: start }),
        }),
      );
      for (const item of page.Items ?? []) {
        const listed = unmarshall(item);
        partitions.push(partitionSchema.parse({ ...listed, city: listed.day, day }));
      }
      start = page.LastEvaluatedKey;
    } while (start);
    return partitions;
  }
}
