import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Position } from '../contract/position';
import { decodeRow, minuteKey, trackAttributes, trackKey } from '../contract/track-row';
import { plainItem } from '../platform/items';
import type { Track } from './ride';

const { track, minute } = trackAttributes;

/** Sorts behind every suffix of a row's key. */
const LAST = '~';

/** The points of each minute that has any, in order. */
export type Minutes = Map<number, Position[]>;

/** Reads stored rows for statistics: consistently, so that nothing is counted that has been counted further before. */
export class RowReads {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /**
   * The points of a track's minutes; a point that stands in two rows of a minute counts once, as readers meet it.
   * @param from start of a minute (epoch ms), inclusive
   * @param to exclusive
   */
  async minutes({ device, task }: Track, from: number, to: number): Promise<Minutes> {
    const minutes = new Map<number, Map<number, Position>>();
    for await (const item of this.items(trackKey(device, task), minuteKey(from), minuteKey(to - 1) + LAST)) {
      const row = decodeRow(item);
      if (row === undefined) continue;
      const points = minutes.get(row.minute) ?? new Map<number, Position>();
      for (const point of row.points) if (!points.has(point.time)) points.set(point.time, point);
      minutes.set(row.minute, points);
    }
    return new Map([...minutes].map(([start, points]) => [start, inOrder([...points.values()])]));
  }

  /** @returns the times (epoch ms) of the points in a minute's own row, without those that overflowed */
  async times({ device, task }: Track, minute: number): Promise<Set<number>> {
    const times = new Set<number>();
    for await (const item of this.items(trackKey(device, task), minuteKey(minute), minuteKey(minute))) {
      for (const { time } of decodeRow(item)?.points ?? []) times.add(time);
    }
    return times;
  }

  private async *items(key: string, from: string, to: string): AsyncGenerator<Record<string, unknown>> {
    let start: Awaited<ReturnType<typeof this.page>>['LastEvaluatedKey'];
    do {
      const page = await this.page(key, from, to, start);
      for (const item of page.Items ?? []) yield plainItem(item);
      start = page.LastEvaluatedKey;
    } while (start);
  }

  private page(key: string, from: string, to: string, start: QueryCommand['input']['ExclusiveStartKey']) {
    return this.client.send(
      new QueryCommand({
        TableName: this.table,
        ConsistentRead: true,
        KeyConditionExpression: '#t = :t AND #m BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#t': track, '#m': minute },
        ExpressionAttributeValues: { ':t': { S: key }, ':from': { S: from }, ':to': { S: to } },
        ExclusiveStartKey: start,
      }),
    );
  }
}

const inOrder = (points: Position[]) => points.sort((a, b) => a.time - b.time);
