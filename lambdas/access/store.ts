import { createHash, randomBytes } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { type Identity, parseRoles } from '../contract/identity';
import { idSchema } from '../contract/ids';

/** How long a ticket opens a WebSocket (ms). */
export const TICKET_MS = 60_000;

const itemSchema = z.object({ sub: idSchema, roles: z.string() });

/** The table never holds a ticket itself: who reads the table can't open a socket. */
const keyOf = (ticket: string) => ({ ticket: { S: createHash('sha256').update(ticket).digest('hex') } });
const seconds = (ms: number) => String(Math.ceil(ms / 1000));

/** Tickets: item `{ticket: SHA-256 of it, sub, roles, expires}`; `expires` (epoch seconds) is the table's TTL. */
export class Tickets {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** @returns a ticket of 256 random bits that opens one WebSocket for this identity, and when it expires (epoch ms) */
  async issue(identity: Identity, now: number): Promise<{ ticket: string; expiresAt: number }> {
    const ticket = randomBytes(32).toString('base64url');
    const expiresAt = now + TICKET_MS;
    await this.client.send(
      new PutItemCommand({
        TableName: this.table,
        Item: {
          ...keyOf(ticket),
          sub: { S: identity.sub },
          roles: { S: [...identity.roles].join(',') },
          expires: { N: seconds(expiresAt) },
        },
      }),
    );
    return { ticket, expiresAt };
  }

  /**
   * Takes a ticket in: of two that present it, one gets in.
   * @returns undefined where it is unknown, used or expired
   */
  async redeem(ticket: string, now: number): Promise<Identity | undefined> {
    try {
      const { Attributes } = await this.client.send(
        new DeleteItemCommand({
          TableName: this.table,
          Key: keyOf(ticket),
          // TTL deletes an expired item hours later: until then the condition keeps it shut.
          ConditionExpression: 'attribute_exists(ticket) AND expires > :now',
          ExpressionAttributeValues: { ':now': { N: String(Math.floor(now / 1000)) } },
          ReturnValues: 'ALL_OLD',
        }),
      );
      const item = itemSchema.parse(unmarshall(Attributes ?? {}));
      return { sub: item.sub, roles: parseRoles(item.roles) };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }
}
