import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Position } from '../contract/position';
import { hoursAttribute, registryKey } from '../contract/task-registry';
import { DAY_MS, MINUTE_MS } from '../contract/time';
import {
  encodePoint,
  minuteKey,
  pointName,
  rowExpiry,
  trackAttributes,
  trackKey,
  writerMark,
} from '../contract/track-row';
import type { Registration, RowAppend } from './decide';

/** The mark of a row that can't grow: only this area knows it. */
const full = 'full';

const { track, minute, expires, reporters, writer } = trackAttributes;

/**
 * Points in one update. The expression may have 4,096 bytes, of which a point takes up to 34, and 300 operators and
 * functions, of which it takes two. Source: "Service, account, and table quotas in Amazon DynamoDB", expressions.
 */
const POINTS_PER_UPDATE = 100;

/** An overflow row holds half a second: 500 points of the greatest size stay below an item's 400 KB. */
const OVERFLOW_MS = 500;

type Key = Record<string, AttributeValue>;

/** @returns the key of a track's minute, or of another row in its partition */
const rowKey = (device: string, task: string, sort: string): Key => ({
  [track]: { S: trackKey(device, task) },
  [minute]: { S: sort },
});

/** @returns the sort key of an overflow row, e.g. `r29933220s014` for 7.0 to 7.5 s; it follows its minute's own row */
const overflowKey = (time: number): string =>
  `${minuteKey(time)}s${String(Math.floor((time % MINUTE_MS) / OVERFLOW_MS)).padStart(3, '0')}`;

/** The update that adds points to a row and changes none that is there; it leaves the mark of its writer. */
export function appendExpression(points: readonly Position[]): string {
  const sets = points.map(
    (point, index) => `${pointName(point.time)}=if_not_exists(${pointName(point.time)},:${index})`,
  );
  return `SET #e=if_not_exists(#e,:e),#w=:w,${sets.join(',')}`;
}

/**
 * The condition of that update: the row is not full, and lacks one point at least. What is there already is not written
 * again, so that a repeat leaves even the mark of the writer as it is, however its points are grouped.
 */
export function appendCondition(points: readonly Position[]): string {
  const lacking = points.map(({ time }) => `attribute_not_exists(${pointName(time)})`);
  return `attribute_not_exists(#f) AND (${lacking.join(' OR ')})`;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** DynamoDB says it as a ValidationException, which has no class and no code of its own. */
const isTooLarge = (error: unknown) =>
  error instanceof Error && error.name === 'ValidationException' && /item size.*exceeded/i.test(error.message);

/** Writes the `tracks` table. Whatever is written twice, in any order, leaves the same items. */
export class TrackRows {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly retentionDays: number,
  ) {}

  /** Notes that a device has points of a task in an hour, and who reported them. */
  async register({ device, task, hour, by }: Registration): Promise<void> {
    const day = Math.floor(hour / DAY_MS) * DAY_MS;
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: { [track]: { S: device }, [minute]: { S: registryKey(hour, task) } },
        UpdateExpression: `SET #e=if_not_exists(#e,:e) ADD #h :h${by === undefined ? '' : ', #r :r'}`,
        ExpressionAttributeNames: { '#e': expires, '#h': hoursAttribute, ...(by !== undefined && { '#r': reporters }) },
        ExpressionAttributeValues: {
          ':e': { N: String(rowExpiry(day + DAY_MS, this.retentionDays)) },
          ':h': { NS: [String(new Date(hour).getUTCHours())] },
          ...(by !== undefined && { ':r': { SS: [by] } }),
        },
      }),
    );
  }

  /** Appends points to a minute; a point that is there stays as it is. */
  async append(row: RowAppend): Promise<void> {
    for (const chunk of chunks([...row.points.values()], POINTS_PER_UPDATE)) await this.appendChunk(row, chunk);
  }

  /** Once a row has been full it takes no more: else a repeat could put a point into it that overflowed before. */
  private async appendChunk(row: RowAppend, points: Position[]): Promise<void> {
    try {
      if ((await this.update(row, minuteKey(row.minute), points)) !== 'full') return;
    } catch (error) {
      if (!isTooLarge(error)) throw error;
    }
    await this.overflow(row, points);
  }

  private async update(row: RowAppend, sort: string, points: Position[]): Promise<'there' | 'full'> {
    try {
      await this.client.send(this.appending(row, sort, points));
      return 'there';
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item?.[full] ? 'full' : 'there';
    }
  }

  private appending(row: RowAppend, sort: string, points: Position[]): UpdateItemCommand {
    const values = points.map((point, index): [string, AttributeValue] => [`:${index}`, { S: encodePoint(point) }]);
    return new UpdateItemCommand({
      TableName: this.table,
      Key: rowKey(row.device, row.task, sort),
      UpdateExpression: appendExpression(points),
      ConditionExpression: appendCondition(points),
      // Says whether the row is full, or has all of them.
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ExpressionAttributeNames: { '#e': expires, '#f': full, '#w': writer },
      ExpressionAttributeValues: {
        ':e': { N: String(rowExpiry(row.minute, this.retentionDays)) },
        ':w': { S: writerMark(points.map(({ time }) => pointName(time))) },
        ...Object.fromEntries(values),
      },
    });
  }

  /** Puts what a full row does not hold into rows of half a second. */
  private async overflow(row: RowAppend, points: Position[]): Promise<void> {
    const held = await this.close(row);
    const rest = points.filter((point) => !held.has(pointName(point.time)));
    for (const sort of new Set(rest.map(({ time }) => overflowKey(time)))) {
      await this.update(
        row,
        sort,
        rest.filter(({ time }) => overflowKey(time) === sort),
      );
    }
  }

  /**
   * Marks a row as full.
   * @returns the names of its points. None where not even the mark found room: it takes five bytes, as the smallest
   * point does, so no point ever will; what then stands in two rows is counted once by those who read them.
   */
  private async close(row: RowAppend): Promise<Set<string>> {
    try {
      const { Attributes = {} } = await this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: rowKey(row.device, row.task, minuteKey(row.minute)),
          UpdateExpression: 'SET #f=:f',
          ExpressionAttributeNames: { '#f': full },
          ExpressionAttributeValues: { ':f': { BOOL: true } },
          ReturnValues: 'ALL_OLD',
        }),
      );
      return new Set(Object.keys(Attributes));
    } catch (error) {
      if (isTooLarge(error)) return new Set();
      throw error;
    }
  }
}
