import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { decodeEntry, type JournalEntry, journalKey, rideAttributes, ridePlaceKey } from '../contract/journal';
import { trackKey } from '../contract/track-row';

const { owner, ride } = rideAttributes;

/** Some entries of a journal in order, and whether the track has a ride: told only from the first entry on. */
export interface Entries {
  entries: JournalEntry[];
  begun: boolean;
}

/** Reads the journals in the `rides` table. */
export class JournalReads {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /**
   * @param from number of the first entry
   * @param limit entries at most; fewer where they are large
   * @param consistent at twice the price
   */
  async entries(device: string, task: string, from: number, limit: number, consistent: boolean): Promise<Entries> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        ConsistentRead: consistent,
        KeyConditionExpression: '#o = :o AND #r BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#o': owner, '#r': ride },
        ExpressionAttributeValues: {
          ':o': { S: trackKey(device, task) },
          ':from': { S: journalKey(from) },
          // What says that there is a ride follows the journal: whoever reads from the start learns both at once.
          ':to': { S: from === 1 ? ridePlaceKey : 'j~' },
        },
        Limit: limit,
      }),
    );
    const items = Items.map((item) => unmarshall(item));
    return {
      entries: items.flatMap((item) => decodeEntry(item) ?? []),
      begun: items.some((item) => item[ride] === ridePlaceKey),
    };
  }
}
