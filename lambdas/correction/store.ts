import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import {
  correctedKeys,
  correctedUntil,
  decodeCorrectedRow,
  encodeCorrectedRow,
  seenAttribute,
} from '../contract/corrected-row';
import {
  decodeRow,
  minuteKey,
  rowExpiry,
  rowVersion,
  type TrackRow,
  trackAttributes,
  trackKey,
} from '../contract/track-row';
import { plainItem } from '../platform/items';
import type { Minutes } from './due';
import type { RawMinute } from './windows';

const { track, minute } = trackAttributes;

/** Sorts behind every suffix of a row's key. */
const LAST = '~';

/** A track: whose, and which. */
export interface Track {
  device: string;
  task: string;
}

/** Reads raw rows, consistently, so that a record's points are seen; writes corrected ones beside them. */
export class CorrectionStore {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly retentionDays: number,
  ) {}

  /** @returns up to when the track is corrected, exclusive (epoch ms) */
  async correctedUntil(of: Track): Promise<number | undefined> {
    const { first, last } = correctedKeys;
    const rows = await this.query(of, first, last, { ScanIndexForward: false, Limit: 1 });
    return rows.items.flatMap((item) => decodeCorrectedRow(item) ?? []).map(correctedUntil)[0];
  }

  /** The minutes of a track that have raw points, in order. A minute that overflowed is several rows, read as one. */
  async *minutes(of: Track, { from, to }: Minutes): AsyncGenerator<RawMinute> {
    let held: RawMinute | undefined;
    for await (const row of this.rows(of, minuteKey(from), minuteKey(to - 1) + LAST)) {
      const seen = rowVersion(row);
      if (held?.minute === row.minute) {
        held = { minute: row.minute, points: [...held.points, ...row.points], seen: held.seen + seen };
        continue;
      }
      if (held) yield held;
      held = { minute: row.minute, points: row.points, seen };
    }
    if (held) yield held;
  }

  /**
   * Writes a minute's corrected row; one that was made from more of the raw points stays.
   * @param seen how much of the raw points was seen
   */
  async write(row: TrackRow, seen: number): Promise<void> {
    try {
      await this.client.send(
        new PutItemCommand({
          TableName: this.table,
          Item: marshall(encodeCorrectedRow(row, seen, rowExpiry(row.minute, this.retentionDays))),
          ConditionExpression: 'attribute_not_exists(#n) OR #n <= :n',
          ExpressionAttributeNames: { '#n': seenAttribute },
          ExpressionAttributeValues: { ':n': { N: String(seen) } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  private async *rows(of: Track, from: string, to: string): AsyncGenerator<TrackRow> {
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await this.query(of, from, to, start ? { ExclusiveStartKey: start } : {});
      for (const item of page.items) {
        const row = decodeRow(item);
        if (row) yield row;
      }
      start = page.next;
    } while (start);
  }

  private async query({ device, task }: Track, from: string, to: string, more: Partial<QueryCommandInput>) {
    const { Items = [], LastEvaluatedKey } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        ConsistentRead: true,
        KeyConditionExpression: '#t = :t AND #m BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#t': track, '#m': minute },
        ExpressionAttributeValues: { ':t': { S: trackKey(device, task) }, ':from': { S: from }, ':to': { S: to } },
        ...more,
      }),
    );
    return { items: Items.map(plainItem), next: LastEvaluatedKey };
  }
}
