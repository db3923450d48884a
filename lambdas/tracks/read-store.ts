import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { decodeRow, minuteKey, type TrackRow, trackAttributes, trackKey } from '../contract/track-row';
import { logError } from '../platform/log';
import { type Order, type Range, type TaskDay, type TrackPoint, uniquePoints } from './decide';
import { ownAttributes, registryKey } from './store';

const { track, minute, reporters } = trackAttributes;
const { hours } = ownAttributes;

/** Rows of a first query: a minute has often some 15 points. Each further query asks for twice as many. */
const POINTS_PER_ROW = 15;
const ROWS_PER_QUERY = 1_000;

/** Registry items of a query. */
const TASKS_PER_QUERY = 200;

/** Sorts behind every character of an id and of a row's suffix. */
const LAST = '~';

const registrySchema = z
  .object({
    [minute]: z.string().regex(/^d\d{4}-\d\d-\d\d#/),
    [hours]: z.set(z.number()),
  })
  .transform(
    (item): TaskDay => ({
      day: Date.parse(item.minute.slice(1, 11)),
      task: item.minute.slice(12),
      hours: [...item.hours],
    }),
  );

type Item = Record<string, AttributeValue>;

/** A row that can't be read is left out: it must not hide the rest of its track. */
function toRow(item: Item): TrackRow | undefined {
  try {
    return decodeRow(unmarshall(item));
  } catch (error) {
    logError('unreadable row', error, { minute: item[minute]?.S ?? '' });
    return undefined;
  }
}

/**
 * Reads the `tracks` table. Reads are eventually consistent, at half the price: what the table does not show yet was
 * accepted a moment ago, and stands in the device's tail. Where the tail is away too, a read lags as the stream does.
 */
export class TrackReads {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /**
   * The points of a track's minutes, each point once, many at a time.
   * @param expected points that the caller is likely to take
   */
  async *points(
    device: string,
    task: string,
    range: Range,
    order: Order,
    expected: number,
  ): AsyncGenerator<TrackPoint[]> {
    const keys = [trackKey(device, task), minuteKey(range.from), minuteKey(range.to - 1) + LAST] as const;
    let held: TrackRow[] = [];
    for await (const items of this.pages(...keys, order, Math.ceil(expected / POINTS_PER_ROW) + 1)) {
      const rows = [...held, ...items.flatMap((item) => toRow(item) ?? [])];
      const last = rows.at(-1)?.minute;
      // A minute that overflowed is several rows: the last one waits for what follows.
      held = rows.filter((row) => row.minute === last);
      const whole = rows.filter((row) => row.minute !== last);
      if (whole.length > 0) yield uniquePoints(whole, order);
    }
    if (held.length > 0) yield uniquePoints(held, order);
  }

  /**
   * The tasks that a device's registry names, day by day; each group has whole days.
   * @param reporter only what this feeder reported
   */
  async *tasks(device: string, range: Range, order: Order, reporter?: string): AsyncGenerator<TaskDay[]> {
    const keys = [device, registryKey(range.from, ''), registryKey(range.to - 1, LAST)] as const;
    const filter = reporter === undefined ? {} : this.reportedBy(reporter);
    let held: TaskDay[] = [];
    for await (const items of this.pages(
      ...keys,
      order,
      reporter === undefined ? TASKS_PER_QUERY : undefined,
      filter,
    )) {
      const days = [...held, ...items.map((item) => registrySchema.parse(unmarshall(item)))];
      const last = days.at(-1)?.day;
      held = days.filter(({ day }) => day === last);
      const whole = days.filter(({ day }) => day !== last);
      if (whole.length > 0) yield whole;
    }
    if (held.length > 0) yield held;
  }

  /** @returns whether the table has a point of the track */
  async hasTrack(device: string, task: string): Promise<boolean> {
    return (await this.edge(device, task, 'oldest')) !== undefined;
  }

  /** @returns whether the registry names a task of the device */
  async hasTasks(device: string): Promise<boolean> {
    const { Items = [] } = await this.query(device, 'd', `d${LAST}`, 'oldest', 1);
    return Items.length > 0;
  }

  /** @returns whether a feeder reported points of the track */
  async isReporter(device: string, task: string, reporter: string): Promise<boolean> {
    const [first, last] = await Promise.all([this.edge(device, task, 'oldest'), this.edge(device, task, 'newest')]);
    if (first === undefined || last === undefined) return false;
    for await (const days of this.tasks(device, { from: first, to: last + 1 }, 'oldest', reporter)) {
      if (days.some((day) => day.task === task)) return true;
    }
    return false;
  }

  /** @returns the track's first or last minute (epoch ms) */
  private async edge(device: string, task: string, order: Order): Promise<number | undefined> {
    const { Items = [] } = await this.query(trackKey(device, task), 'r', `r${LAST}`, order, 1);
    return Items.flatMap((item) => toRow(item) ?? [])[0]?.minute;
  }

  private reportedBy(reporter: string): Partial<QueryCommandInput> {
    return {
      FilterExpression: 'contains(#r, :r)',
      ExpressionAttributeNames: { '#r': reporters },
      ExpressionAttributeValues: { ':r': { S: reporter } },
    };
  }

  /** The items between two sort keys, both included, query by query; each asks for twice as many as the one before. */
  private async *pages(
    partition: string,
    from: string,
    to: string,
    order: Order,
    limit: number | undefined,
    filter: Partial<QueryCommandInput> = {},
  ): AsyncGenerator<Item[]> {
    let start: Item | undefined;
    let size = limit;
    do {
      const page = await this.query(partition, from, to, order, size, { ...filter, ExclusiveStartKey: start });
      yield page.Items ?? [];
      start = page.LastEvaluatedKey;
      if (size !== undefined) size = Math.min(size * 2, ROWS_PER_QUERY);
    } while (start);
  }

  private query(
    partition: string,
    from: string,
    to: string,
    order: Order,
    limit: number | undefined,
    more: { [K in keyof QueryCommandInput]?: QueryCommandInput[K] | undefined } = {},
  ) {
    const { ExpressionAttributeNames, ExpressionAttributeValues, FilterExpression, ExclusiveStartKey } = more;
    return this.client.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: '#t = :t AND #m BETWEEN :from AND :to',
        FilterExpression,
        ExpressionAttributeNames: { '#t': track, '#m': minute, ...ExpressionAttributeNames },
        ExpressionAttributeValues: {
          ':t': { S: partition },
          ':from': { S: from },
          ':to': { S: to },
          ...ExpressionAttributeValues,
        },
        ScanIndexForward: order === 'oldest',
        Limit: limit,
        ExclusiveStartKey,
      }),
    );
  }
}
