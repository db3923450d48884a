import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Latest } from '../contract/hot/latest';
import type { Position } from '../contract/position';
import { type TaskDay, taskDaySchema } from '../contract/task-registry';
import { decodeRow, minuteKey, trackAttributes, trackKey } from '../contract/track-row';
import { plainItem } from '../platform/items';
import { newestHours } from './newest';

const { track, minute, reporters } = trackAttributes;

type Item = Record<string, AttributeValue>;

/** Sorts behind every character of an id and of a row's suffix. */
const LAST = '~';

/** Registry items of a query: most devices have a task or two a day. */
const TASKS_PER_QUERY = 25;

/** Tasks of one hour that are looked into: nobody works on more at a time. */
const TASKS_PER_HOUR = 50;

/** Hours that are looked into: one whose rows are not written yet, or have expired, has nothing. */
const HOURS = 6;

/** Reads where a device's tracks end in the `tracks` table: some two queries of one item each. */
export class LastKnown {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /**
   * The newest stored position of a device.
   * @param by only tasks that this feeder reported
   */
  async read(device: string, by: string | undefined, signal: AbortSignal): Promise<Latest | undefined> {
    const hours = newestHours(await this.newestDay(device, by, signal));
    for (const { from, to, tasks } of hours.slice(0, HOURS)) {
      let newest: Latest | undefined;
      for (const task of tasks.slice(0, TASKS_PER_HOUR)) {
        const position = await this.end(trackKey(device, task), from, to, signal);
        if (position && position.time > (newest?.position.time ?? 0)) newest = { device, task, position };
      }
      if (newest) return { ...newest, ...(by !== undefined && { by }) };
    }
    return undefined;
  }

  /** What the registry has of the last day on which the device had tasks. */
  private async newestDay(device: string, by: string | undefined, signal: AbortSignal): Promise<TaskDay[]> {
    const days: TaskDay[] = [];
    let start: Item | undefined;
    do {
      const range = [`d`, `d${LAST}`] as const;
      const page = await this.query(device, range, TASKS_PER_QUERY, signal, start, by);
      for (const item of page.Items ?? []) {
        const found = taskDaySchema.parse(plainItem(item));
        if (days[0] && found.day !== days[0].day) return days;
        days.push(found);
      }
      start = page.LastEvaluatedKey;
    } while (start);
    return days;
  }

  /** The newest position of a track in a stretch of time. A minute that overflowed may end in its own row. */
  private async end(key: string, from: number, to: number, signal: AbortSignal): Promise<Position | undefined> {
    const range = [minuteKey(from), minuteKey(to - 1) + LAST] as const;
    const { Items: [last] = [] } = await this.query(key, range, 1, signal);
    if (last === undefined) return undefined;
    const sort = last[minute]?.S ?? '';
    const own = sort.slice(0, minuteKey(0).length);
    const { Items: first = [] } = own === sort ? {} : await this.query(key, [own, own], 1, signal);
    return newestOf([last, ...first]);
  }

  private query(
    partition: string,
    [from, to]: readonly [string, string],
    Limit: number,
    abortSignal: AbortSignal,
    ExclusiveStartKey?: Item,
    by?: string,
  ) {
    const command = new QueryCommand({
      TableName: this.table,
      KeyConditionExpression: '#t = :t AND #m BETWEEN :from AND :to',
      ExpressionAttributeNames: { '#t': track, '#m': minute, ...(by !== undefined && { '#r': reporters }) },
      ExpressionAttributeValues: {
        ':t': { S: partition },
        ':from': { S: from },
        ':to': { S: to },
        ...(by !== undefined && { ':r': { S: by } }),
      },
      ScanIndexForward: false,
      Limit,
      ExclusiveStartKey,
      ...(by !== undefined && { FilterExpression: 'contains(#r, :r)' }),
    });
    return this.client.send(command, { abortSignal });
  }
}

function newestOf(items: readonly Item[]): Position | undefined {
  const points = items.flatMap((item) => decodeRow(plainItem(item))?.points.slice(-1) ?? []);
  return points.sort((a, b) => b.time - a.time)[0];
}
