import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { ridePlaceKey as PLACE, rideAttributes } from '../contract/journal';
import type { Activity } from '../contract/rides';
import { rowExpiry, trackKey } from '../contract/track-row';
import { HOUR_MS, hourOf } from './changes';
import {
  decodeHour,
  decodeRide,
  type HourItem,
  type Progress,
  progressAttributes,
  type StoredRide,
  type Track,
  versionsText,
} from './ride';
import { encodeSummary } from './summary-codec';

const { owner, ride, expires } = rideAttributes;

/** Where a ride's item is must be known longer than the ride (days): it is renewed with every hour that has points. */
const PLACE_DAYS = 30;

const placeSchema = z.object({ at: z.string() });

/** @returns the sort key of a ride: rides of an owner stand in the order in which they began */
const rideKey = (start: number, task: string): string => `${String(start).padStart(13, '0')}#${task}`;

/** @returns the sort key of an hour's item, e.g. `h00495248` */
const hourKey = (hour: number): string => `h${String(hour / HOUR_MS).padStart(8, '0')}`;

const itemOf = (value: object) => marshall(value, { removeUndefinedValues: true });

/** @returns whether the write was made; false where its condition did not hold */
export async function conditional(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Rides and the hours of their tracks. */
export class RideStore {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly retentionDays: number,
  ) {}

  /** @returns the sort key of the track's ride; undefined where there is none. It never changes. */
  async place(track: Track): Promise<string | undefined> {
    const item = await this.get(trackKey(track.device, track.task), PLACE);
    return item && placeSchema.parse(item).at;
  }

  /** Gives a track's ride its place, unless it has one. @param start when the ride began, epoch ms @returns its place */
  async claim(track: Track, start: number): Promise<string> {
    const at = rideKey(start, track.task);
    const until = rowExpiry(start, this.retentionDays + PLACE_DAYS);
    const item = { [owner]: trackKey(track.device, track.task), [ride]: PLACE, [expires]: Math.floor(until), at };
    if (await this.putNew(item)) return at;
    return (await this.place(track)) ?? at;
  }

  /** @returns the ride at its place; undefined where nothing is there yet */
  async load({ device }: Track, place: string): Promise<StoredRide | undefined> {
    const item = await this.get(device, place);
    return item && decodeRide(item);
  }

  /**
   * Keeps a ride's progress, unless another change was made since `seen`.
   * @returns whether it was kept
   */
  save({ device }: Track, place: string, progress: Progress, seen: number, now: number): Promise<boolean> {
    const attributes = Object.entries({
      ...progressAttributes(progress),
      [expires]: progress.newest && Math.floor(rowExpiry(progress.newest, this.retentionDays)),
    }).filter(([, value]) => value !== undefined);
    const sets = attributes.map(([name]) => `#${name}=:${name}`);
    const gone = progress.now === undefined ? ' REMOVE #now' : '';
    const names = [...attributes.map(([name]) => name), ...(gone && ['now']), 'createdAt'];
    return this.update(device, place, {
      UpdateExpression: `SET #createdAt=if_not_exists(#createdAt,:at),${sets.join(',')}${gone}`,
      ConditionExpression: 'attribute_not_exists(#rev) OR #rev=:seen',
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: itemOf({
        ...Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value])),
        ...{ ':seen': seen, ':at': now },
      }),
    });
  }

  /** Says that the track has points in another hour: its place must be known for longer. @param hour epoch ms */
  async renewPlace({ device, task }: Track, hour: number): Promise<void> {
    await this.update(trackKey(device, task), PLACE, {
      UpdateExpression: 'SET #e=:e',
      ConditionExpression: 'attribute_exists(#e) AND #e < :e',
      ExpressionAttributeNames: { '#e': expires },
      ExpressionAttributeValues: itemOf({ ':e': Math.floor(rowExpiry(hour, this.retentionDays + PLACE_DAYS)) }),
    });
  }

  /** Notes that its owner began a ride, and what it is; what was said before stays. */
  async begin({ device }: Track, place: string, activity: Activity, now: number): Promise<void> {
    await this.update(device, place, {
      UpdateExpression: 'SET #c=if_not_exists(#c,:now),#a=if_not_exists(#a,:a),#e=if_not_exists(#e,:e)',
      ExpressionAttributeNames: { '#c': 'createdAt', '#a': 'activity', '#e': expires },
      ExpressionAttributeValues: itemOf({
        ...{ ':now': now, ':a': activity, ':e': Math.floor(rowExpiry(now, this.retentionDays)) },
      }),
    });
  }

  /** Notes that a ride is over, once. @returns whether there is such a ride */
  finish({ device }: Track, place: string, now: number): Promise<boolean> {
    return this.update(device, place, {
      UpdateExpression: 'SET #f=if_not_exists(#f,:now)',
      ConditionExpression: 'attribute_exists(#c)',
      ExpressionAttributeNames: { '#f': 'finishedAt', '#c': 'createdAt' },
      ExpressionAttributeValues: itemOf({ ':now': now }),
    });
  }

  /** Rides of an owner, newest first. @param before place to go on from */
  async list(device: string, before: string | undefined, limit: number) {
    const { Items = [], LastEvaluatedKey } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: '#o = :o AND #r < :r',
        ExpressionAttributeNames: { '#o': owner, '#r': ride },
        ExpressionAttributeValues: { ':o': { S: device }, ':r': { S: before ?? '~' } },
        ScanIndexForward: false,
        Limit: limit,
      }),
    );
    return { rides: Items.map((item) => decodeRide(unmarshall(item))), next: LastEvaluatedKey?.[ride]?.S };
  }

  /** The hours of a track that have an item, in order. @param only of this hour alone, epoch ms */
  async hours({ device, task }: Track, only?: number): Promise<HourItem[]> {
    const [from, to] = only === undefined ? ['h', 'h~'] : [hourKey(only), hourKey(only)];
    const hours: HourItem[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({
          TableName: this.table,
          ConsistentRead: true,
          KeyConditionExpression: '#o = :o AND #r BETWEEN :from AND :to',
          ExpressionAttributeNames: { '#o': owner, '#r': ride },
          ExpressionAttributeValues: { ':o': { S: trackKey(device, task) }, ':from': { S: from }, ':to': { S: to } },
          ExclusiveStartKey: start,
        }),
      );
      hours.push(...(page.Items ?? []).map((item) => decodeHour(unmarshall(item))));
      start = page.LastEvaluatedKey;
    } while (start);
    return hours;
  }

  /** Keeps an hour, unless it includes later journal entries already. @returns whether it was kept */
  saveHour({ device, task }: Track, item: HourItem): Promise<boolean> {
    const { seq, versions, summary } = item;
    const text = summary && encodeSummary(summary);
    return this.update(trackKey(device, task), hourKey(hourOf(item.hour)), {
      UpdateExpression: `SET #s=:s,#v=:v,#e=:e${text === undefined ? ' REMOVE #t' : ',#t=:t'}`,
      ConditionExpression: 'attribute_not_exists(#s) OR #s <= :s',
      ExpressionAttributeNames: { '#s': 'seq', '#v': 'rows', '#e': expires, '#t': 'summary' },
      ExpressionAttributeValues: itemOf({
        ...{ ':s': seq, ':v': versionsText(versions), ':t': text },
        ':e': Math.floor(rowExpiry(item.hour + HOUR_MS, this.retentionDays)),
      }),
    });
  }

  private async get(partition: string, sort: string): Promise<Record<string, unknown> | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({
        TableName: this.table,
        Key: { [owner]: { S: partition }, [ride]: { S: sort } },
        ConsistentRead: true,
      }),
    );
    return Item && unmarshall(Item);
  }

  private putNew(item: object): Promise<boolean> {
    return conditional(
      this.client.send(
        new PutItemCommand({
          TableName: this.table,
          Item: itemOf(item),
          ConditionExpression: 'attribute_not_exists(#o)',
          ExpressionAttributeNames: { '#o': owner },
        }),
      ),
    );
  }

  private update(
    partition: string,
    sort: string,
    update: Omit<UpdateItemCommand['input'], 'TableName' | 'Key'>,
  ): Promise<boolean> {
    const Key = { [owner]: { S: partition }, [ride]: { S: sort } };
    return conditional(this.client.send(new UpdateItemCommand({ TableName: this.table, Key, ...update })));
  }
}
