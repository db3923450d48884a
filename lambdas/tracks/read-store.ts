import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { correctedKey, correctedKeys, correctedUntil, decodeCorrectedRow } from '../contract/corrected-row';
import { registryKey, type TaskDay, taskDaySchema } from '../contract/task-registry';
import { decodeRow, minuteKey, type TrackRow, trackAttributes, trackKey } from '../contract/track-row';
import { plainItem } from '../platform/items';
import { logError } from '../platform/log';
import { type Order, type Range, type TrackPoint, uniquePoints } from './decide';

const { track, minute, reporters } = trackAttributes;

/** Rows of a first query at the most: a minute may have a point or six hundred, which these tell. */
const FIRST_ROWS = 4;
/** As few points as a row of a device on its way has. */
const LEAST_PER_ROW = 5;
const ROWS_PER_QUERY = 1_000;

/** Registry items of a query. */
const TASKS_PER_QUERY = 200;

/** Sorts behind every character of an id and of a row's suffix. */
const LAST = '~';

type Item = Record<string, AttributeValue>;

/** @returns how many rows to ask for next, by how many points those had that were read; twice as many where none did */
function rowsWanted(expected: number, { rows, points }: { rows: number; points: number }): number {
  if (rows === 0) return Math.min(FIRST_ROWS, Math.ceil(expected / LEAST_PER_ROW) + 1);
  const left = expected - points;
  const wanted = left > 0 && points > 0 ? Math.ceil((left * rows) / points) + 1 : rows;
  return Math.min(Math.max(wanted, FIRST_ROWS), ROWS_PER_QUERY);
}

/** A row that can't be read is left out: it must not hide the rest of its track. */
function toRow(item: Item): TrackRow | undefined {
  try {
    const plain = plainItem(item);
    return decodeRow(plain) ?? decodeCorrectedRow(plain);
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
   * @param keyOf sort key of a minute: of its raw row, or of its corrected one
   */
  async *points(
    device: string,
    task: string,
    range: Range,
    order: Order,
    expected: number,
    keyOf: typeof minuteKey = minuteKey,
  ): AsyncGenerator<TrackPoint[]> {
    const keys = [trackKey(device, task), keyOf(range.from), keyOf(range.to - 1) + LAST] as const;
    let held: TrackRow[] = [];
    let found = { rows: 0, points: 0 };
    const size = () => rowsWanted(expected, found);
    for await (const items of this.pages(...keys, order, size)) {
      const read = items.flatMap((item) => toRow(item) ?? []);
      const points = read.reduce((sum, row) => sum + row.points.length, 0);
      found = { rows: found.rows + items.length, points: found.points + points };
      const rows = [...held, ...read];
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
      () => (reporter === undefined ? TASKS_PER_QUERY : undefined),
      filter,
    )) {
      const days = [...held, ...items.map((item) => taskDaySchema.parse(plainItem(item)))];
      const last = days.at(-1)?.day;
      held = days.filter(({ day }) => day === last);
      const whole = days.filter(({ day }) => day !== last);
      if (whole.length > 0) yield whole;
    }
    if (held.length > 0) yield held;
  }

  /** The corrected points of a track's minutes; see `points`. */
  corrected(device: string, task: string, range: Range, order: Order, expected: number): AsyncGenerator<TrackPoint[]> {
    return this.points(device, task, range, order, expected, correctedKey);
  }

  /** @returns up to when the track is corrected, exclusive (epoch ms); undefined where nothing is yet */
  async correctedUntil(device: string, task: string): Promise<number | undefined> {
    const { first, last } = correctedKeys;
    const { Items = [] } = await this.query(trackKey(device, task), first, last, 'newest', 1);
    return Items.flatMap((item) => toRow(item) ?? []).map(correctedUntil)[0];
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

  /** The items between two sort keys, both included, query by query. @param size items that the next one asks for */
  private async *pages(
    partition: string,
    from: string,
    to: string,
    order: Order,
    size: () => number | undefined,
    filter: Partial<QueryCommandInput> = {},
  ): AsyncGenerator<Item[]> {
    let start: Item | undefined;
    do {
      const page = await this.query(partition, from, to, order, size(), { ...filter, ExclusiveStartKey: start });
      yield page.Items ?? [];
      start = page.LastEvaluatedKey;
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
