import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient, ListTablesCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListStreamsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { Redis } from 'ioredis';
import { dynamodb, kinesis, lean } from '../lambdas/platform/clients';
import { Connections } from '../lambdas/platform/socket';
import { rootCredentials } from '../local/model';
import type { StackClient } from '../test/system/stack';
import { engineUrl } from './cost/run';
import { machine } from './machine';
import { cpuOfThreads } from './processes';
import { withStack } from './stack';

const usage = `npm run bench:calls

CPU of one call of AWS by a function: in the thread of who calls, and in that of the local stack's endpoint. The SDK's
own clients beside what functions use. Each is called a thousand times after a warm-up, one call at a time.`;

const WARM_UP = 500;
const CALLS = 1_000;

type Call = () => Promise<unknown>;

/** @returns CPU of a call (ms): here, and of the stack's main thread */
async function measure(pid: number, call: Call): Promise<[here: number, endpoint: number]> {
  for (let index = 0; index < WARM_UP; index++) await call();
  const [own, main] = [process.cpuUsage(), cpuOfThreads(pid).main];
  for (let index = 0; index < CALLS; index++) await call();
  const { user, system } = process.cpuUsage(own);
  return [(user + system) / 1_000 / CALLS, ((cpuOfThreads(pid).main - main) * 1_000) / CALLS];
}

/** The id of a connection that follows a part of the map. */
async function openConnection(client: StackClient): Promise<string> {
  const socket = await client.socket(await client.token('bench', 'viewer'));
  const viewport = { west: 0, south: 0, east: 0.01, north: 0.01 };
  await socket.ask({ type: 'subscribe', id: 'map', viewport }, ({ type }) => type === 'snapshot');
  const { hostname, port } = new URL(await engineUrl(client, 'valkey'));
  const valkey = new Redis({ host: hostname, port: Number(port), username: 'keeper', password: 'any' });
  const [key = ''] = await valkey.keys('live:{*}:subscriptions');
  valkey.disconnect();
  return /\{(.+)\}/.exec(key)?.[1] ?? '';
}

async function calls(client: StackClient): Promise<[name: string, call: Call][]> {
  const { endpoint } = client.asRoot;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: client.asRoot.region,
    AWS_ACCESS_KEY_ID: rootCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: rootCredentials.secretAccessKey,
  });
  const connection = await openConnection(client);
  const posts = new ApiGatewayManagementApiClient({ ...lean, ...client.asRoot });
  const connections = new Connections(endpoint);
  const [http2, http1, table] = [new KinesisClient({ ...lean, ...client.asRoot }), kinesis(), dynamodb()];
  const { StreamNames: [StreamName] = [] } = await http1.send(new ListStreamsCommand({}));
  const { TableNames = [] } = await new DynamoDBClient(client.asRoot).send(new ListTablesCommand({}));
  const TableName = TableNames.find((name) => /ticket/i.test(name));
  // No batch: consumers give it up unread, which takes nothing from the threads that are measured.
  const put = () =>
    new PutRecordsCommand({ StreamName, Records: [{ Data: Buffer.from('{}'), PartitionKey: 'bench' }] });
  const frame = { type: 'positions', id: 'map', positions: [], left: ['a'] };
  const update = () =>
    new UpdateItemCommand({
      TableName,
      Key: { ticket: { S: 'bench' } },
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: String(Date.now()) } },
    });
  return [
    ['Kinesis put, SDK over HTTP/2', () => http2.send(put())],
    ['Kinesis put, SDK over HTTP/1.1 (functions)', () => http1.send(put())],
    [
      'PostToConnection, SDK',
      () =>
        posts.send(new PostToConnectionCommand({ ConnectionId: connection, Data: Buffer.from(JSON.stringify(frame)) })),
    ],
    ['PostToConnection, signed request (functions)', () => connections.post(connection, frame)],
    ['DynamoDB update, SDK (functions)', () => table.send(update())],
  ];
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return;
  }
  await withStack(['--search', 'none'], async (client) => {
    console.log(`${machine()}\n\n| call | caller (ms of CPU) | endpoint (ms of CPU) |\n|---|--:|--:|`);
    for (const [name, call] of await calls(client)) {
      const [here, endpoint] = await measure(client.place.pid, call);
      console.log(`| ${name} | ${here.toFixed(2)} | ${endpoint.toFixed(2)} |`);
    }
  });
  // Kept connections would hold it.
  process.exit();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
