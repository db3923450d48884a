import { join } from 'node:path';
import { type AttributeValue, CreateTableCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { takeDataDirectory } from '../../../local/engines/data-directory';
import { startEngine } from '../../../local/engines/engine';
import { fetchEngines } from '../../../local/engines/fetch';
import { freePorts } from '../../../local/engines/ports';
import { dynamodbSpec } from '../../../local/engines/specs';

export interface TestTable {
  client: DynamoDBClient;
  /** The engine's base URL. */
  url: string;
  name: string;
  /** Every item, by its keys. */
  items(): Promise<Map<string, Record<string, AttributeValue>>>;
  stop(): Promise<void>;
}

/** An empty `tracks` table on an engine of the test's own. */
export async function startTable(): Promise<TestTable> {
  const { javaHome } = await fetchEngines(() => undefined);
  const data = await takeDataDirectory(undefined);
  const [port = 0] = await freePorts(1);
  const spec = dynamodbSpec(javaHome, join(data.path, 'dynamodb'), port);
  const engine = await startEngine(spec, {
    logFile: join(data.path, 'dynamodb.log'),
    watchdog: data.watchdog,
    log: () => undefined,
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint: engine.url, region: 'eu-west-1', credentials });
  const name = 'tracks';
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['track', 'minute'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'track', KeyType: 'HASH' },
        { AttributeName: 'minute', KeyType: 'RANGE' },
      ],
    }),
  );
  return {
    client,
    url: engine.url,
    name,
    async items() {
      const items = new Map<string, Record<string, AttributeValue>>();
      for await (const { Items = [] } of paginateScan({ client }, { TableName: name })) {
        for (const item of Items) items.set(`${item.track?.S}|${item.minute?.S}`, item);
      }
      return items;
    },
    async stop() {
      client.destroy();
      await engine.stop();
      await data.watchdog.end();
    },
  };
}
