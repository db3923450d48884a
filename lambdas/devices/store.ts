import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type KeyItem, keyAttributes, keyItemSchema } from '../contract/device-key';

const { device: deviceName, key: keyName } = keyAttributes;

/** Keys of devices: one item a key, with a digest in place of its secret. */
export class DeviceKeys {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  async add(item: KeyItem): Promise<void> {
    await this.client.send(
      new PutItemCommand({
        TableName: this.table,
        Item: marshall(item, { removeUndefinedValues: true }),
        // Of 2^40 ids one that exists already will hardly come; it must not replace another's key all the same.
        ConditionExpression: 'attribute_not_exists(#k)',
        ExpressionAttributeNames: { '#k': keyName },
      }),
    );
  }

  /** @returns at most so many keys of a device, oldest first */
  async list(device: string, most: number): Promise<KeyItem[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: '#d = :d',
        ExpressionAttributeNames: { '#d': deviceName },
        ExpressionAttributeValues: { ':d': { S: device } },
        ConsistentRead: true,
        Limit: most,
      }),
    );
    return Items.map((item) => keyItemSchema.parse(unmarshall(item))).sort((a, b) => a.created - b.created);
  }

  /** From then on the key opens nothing. @returns whether there was such a key */
  async revoke(device: string, key: string): Promise<boolean> {
    try {
      await this.client.send(
        new DeleteItemCommand({
          TableName: this.table,
          Key: { [deviceName]: { S: device }, [keyName]: { S: key } },
          ConditionExpression: 'attribute_exists(#k)',
          ExpressionAttributeNames: { '#k': keyName },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
