import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Point } from '../../lambdas/contract/position';
import { bounded } from '../../lambdas/platform/streams';

/** What the same points take where each is an item of its own, as the same engine tells it. */
export interface ByPoint {
  points: number;
  writeUnits: number;
}

const TABLE = 'bench-by-point';

/**
 * Writes one item a point into a table of its own: device, time, and the point's fields as attributes.
 * @param engine DynamoDB's URL, past the stack's own endpoint: its meter counts the stack alone
 */
export async function writeByPoint(engine: string, device: string, points: readonly Point[]): Promise<ByPoint> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new DynamoDBClient({ endpoint: engine, region: 'eu-central-1', credentials });
  await client
    .send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'device', KeyType: 'HASH' },
          { AttributeName: 'time', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'device', AttributeType: 'S' },
          { AttributeName: 'time', AttributeType: 'N' },
        ],
      }),
    )
    .catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'ResourceInUseException') throw error;
    });
  let writeUnits = 0;
  const failed = await bounded([...points], 16, async (point) => {
    const fields = Object.entries(point).map(([name, value]) => [name, { N: String(value) }] as const);
    const { ConsumedCapacity } = await client.send(
      new PutItemCommand({
        TableName: TABLE,
        Item: { device: { S: device }, task: { S: 'shift' }, ...Object.fromEntries(fields) },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    writeUnits += ConsumedCapacity?.CapacityUnits ?? 0;
  });
  client.destroy();
  for (const [, error] of failed) throw error;
  return { points: points.length, writeUnits };
}
