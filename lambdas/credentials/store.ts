import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { z } from 'zod';
import { refusedAttributes, refusedKey } from '../contract/credentials';
import { utcDay } from '../contract/time';
import { trackKey } from '../contract/track-row';
import { type Issued, sessionName, sessionPolicy } from './decide';

const { owner, ride, points } = refusedAttributes;

/** What is known of a device's tasks and of what it wrote: the `rides` table. */
export class Standing {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** @returns whether a ride of this task exists, begun by its device or by its first point */
  async knows(device: string, task: string): Promise<boolean> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: '#o = :o',
        ExpressionAttributeNames: { '#o': owner },
        ExpressionAttributeValues: { ':o': { S: trackKey(device, task) } },
        ConsistentRead: true,
        Limit: 1,
      }),
    );
    return Items.length > 0;
  }

  /** @returns points that the device wrote by itself today and that could not stay */
  async refused(device: string, now: number): Promise<number> {
    const { partition, sort } = refusedKey(device, utcDay(now));
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.table, Key: { [owner]: { S: partition }, [ride]: { S: sort } } }),
    );
    return Number(Item?.[points]?.N ?? 0);
  }
}

const issuedSchema = z
  .object({
    AccessKeyId: z.string(),
    SecretAccessKey: z.string(),
    SessionToken: z.string(),
    Expiration: z.date(),
  })
  .transform(
    ({ AccessKeyId, SecretAccessKey, SessionToken, Expiration }): Issued => ({
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      expiresAt: Expiration.getTime(),
    }),
  );

/** Issues credentials of the devices' role, each narrowed to one track. */
export class Issuer {
  constructor(
    private readonly client: STSClient,
    private readonly role: string,
    private readonly tableArn: string,
    private readonly seconds: number,
  ) {}

  async issue(device: string, task: string): Promise<Issued> {
    const { Credentials } = await this.client.send(
      new AssumeRoleCommand({
        RoleArn: this.role,
        RoleSessionName: sessionName(device),
        Policy: sessionPolicy(this.tableArn, device, task),
        DurationSeconds: this.seconds,
      }),
    );
    return issuedSchema.parse(Credentials);
  }
}
