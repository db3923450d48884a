import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  decodeEntry,
  encodeEntry,
  type JournalEntry,
  journalKey,
  minutesAttribute,
  rideAttributes,
} from '../contract/journal';
import { MINUTE_MS } from '../contract/time';
import { rowExpiry, trackKey } from '../contract/track-row';
import type { Track } from './ride';
import { conditional } from './store';

const { owner, ride } = rideAttributes;

/** Writes the journal of what arrived. */
export class Journal {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly retentionDays: number,
  ) {}

  /** Enters points under the next number. @returns false where that number is taken */
  async enter(entry: JournalEntry): Promise<boolean> {
    const newest = entry.points.at(-1)?.time ?? entry.at;
    const item = encodeEntry(entry, Math.floor(rowExpiry(newest, this.retentionDays)));
    return conditional(
      this.client.send(
        new PutItemCommand({
          TableName: this.table,
          Item: marshall(item),
          ConditionExpression: 'attribute_not_exists(#o)',
          ExpressionAttributeNames: { '#o': owner },
        }),
      ),
    );
  }

  async entry({ device, task }: Track, seq: number): Promise<JournalEntry | undefined> {
    const Key = { [owner]: { S: trackKey(device, task) }, [ride]: { S: journalKey(seq) } };
    const { Item } = await this.client.send(new GetItemCommand({ TableName: this.table, Key, ConsistentRead: true }));
    return Item && decodeEntry(unmarshall(Item));
  }

  /**
   * Looks through the whole journal for what a minute's points are known by: only where images don't follow one
   * another, because a record was given up or is sent anew.
   * @returns the times of the minute's points that are entered, epoch ms
   */
  async entered({ device, task }: Track, minute: number): Promise<Set<number>> {
    const times = new Set<number>();
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({
          TableName: this.table,
          ConsistentRead: true,
          KeyConditionExpression: '#o = :o AND begins_with(#r, :j)',
          FilterExpression: 'contains(#m, :m)',
          ExpressionAttributeNames: { '#o': owner, '#r': ride, '#m': minutesAttribute },
          ExpressionAttributeValues: marshall({ ':o': trackKey(device, task), ':j': 'j', ':m': minute }),
          ExclusiveStartKey: start,
        }),
      );
      for (const { time } of (page.Items ?? []).flatMap((item) => decodeEntry(unmarshall(item))?.points ?? [])) {
        if (time >= minute && time < minute + MINUTE_MS) times.add(time);
      }
      start = page.LastEvaluatedKey;
    } while (start);
    return times;
  }
}
