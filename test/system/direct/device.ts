import {
  type AttributeValue,
  DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type DirectWrite, directWriteSchema } from '../../../lambdas/contract/credentials';
import type { Position } from '../../../lambdas/contract/position';
import { MINUTE_MS } from '../../../lambdas/contract/time';
import { encodePoint } from '../../../lambdas/contract/track-row';
import type { StackClient } from '../stack';

type Item = Record<string, AttributeValue>;

/** A device that writes its rows itself, by what the API's answer says and nothing else. */
export class DirectDevice {
  readonly dynamodb: DynamoDBClient;

  private constructor(
    readonly device: string,
    readonly task: string,
    readonly token: string,
    readonly given: DirectWrite,
  ) {
    const { credentials, region, endpoint } = given;
    this.dynamodb = new DynamoDBClient({ credentials, region, ...(endpoint !== undefined && { endpoint }) });
  }

  /** Begins a ride and asks for its credentials. */
  static async begin(client: StackClient, device: string, task = 'ride'): Promise<DirectDevice> {
    const token = await client.token(device, 'device');
    const begun = await client.request('/v1/rides', { token, body: { task, activity: 'cycling' } });
    if (begun.status >= 300) throw new Error(`${begun.status}: ${begun.text}`);
    const answer = await client.request('/v1/credentials', { token, body: { taskId: task } });
    if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`);
    return new DirectDevice(device, task, token, directWriteSchema.parse(answer.body));
  }

  close(): void {
    this.dynamodb.destroy();
  }

  /** Writes points, one update a minute; they are stored when it answers. */
  async write(points: readonly Position[]): Promise<void> {
    const minutes = new Set(points.map(({ time }) => Math.floor(time / MINUTE_MS) * MINUTE_MS));
    for (const minute of minutes) {
      const own = points.filter(({ time }) => time >= minute && time < minute + MINUTE_MS);
      const values = own.map((point): [string, AttributeValue] => [this.name(point.time), { S: encodePoint(point) }]);
      await this.dynamodb.send(this.update(minute, Object.fromEntries(values)));
    }
  }

  /** The name of a point's attribute. */
  name(time: number): string {
    return `${this.given.row.point.prefix}${time % MINUTE_MS}`;
  }

  key(minute: number): Item {
    const { partitionKey, sortKey } = this.given.row;
    const digits = String(Math.floor(minute / MINUTE_MS)).padStart(sortKey.digits, '0');
    return { [partitionKey.name]: { S: partitionKey.value }, [sortKey.name]: { S: sortKey.prefix + digits } };
  }

  /** An update of a row. @param change what a device should not do */
  update(minute: number, values: Item, change: Partial<UpdateItemCommandInput> = {}): UpdateItemCommand {
    const { expires } = this.given.row;
    const names = Object.keys(values).map((name, index) => [`#${index}`, name]);
    const sets = names.map((_, index) => `#${index}=if_not_exists(#${index},:${index})`);
    const given = Object.values(values).map((value, index) => [`:${index}`, value]);
    return new UpdateItemCommand({
      TableName: this.given.table,
      Key: this.key(minute),
      UpdateExpression: `SET #e=if_not_exists(#e,:e),${sets.join(',')}`,
      ExpressionAttributeNames: { '#e': expires.name, ...Object.fromEntries(names) },
      ExpressionAttributeValues: {
        ':e': { N: String(Math.floor(minute / MINUTE_MS) * 60 + expires.secondsAfterMinute) },
        ...Object.fromEntries(given),
      },
      ...change,
    });
  }
}
