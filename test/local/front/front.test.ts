import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect as http2Connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Front } from '../../../local/front';
import { Guard } from '../../../local/front/guard';
import { sessionCaller } from '../../../local/front/keys';
import { Roles } from '../../../local/iam';
import { LocalMeter } from '../../../local/meter';
import { rootCredentials } from '../../../local/model';
import { allow, templateOf } from './fixture';

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An engine that keeps what it is sent and answers what it is told. */
let engine: Server;
let engineUrl: string;
let received: Received[] = [];
let answer: { status: number; body: string } = { status: 200, body: '{}' };

const meter = new LocalMeter();
const logged: string[] = [];
let front: Front;
const region = 'eu-central-1';
const credentials = { accessKeyId: 'ASIAFUNCTION00000001', secretAccessKey: 'secret', sessionToken: 'token' };
const roleArn = 'arn:aws:iam::000000000000:role/r';
const template = templateOf({ r: { allows: [allow(['dynamodb:*', 'kinesis:*', 's3:*', 'execute-api:*'])] } });

beforeAll(async () => {
  engine = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answer.body);
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  engineUrl = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
  front = new Front({ meter, log: (_, line) => logged.push(line), control: async () => false });
  await front.start();
  const role = { arn: roleArn, issuedAt: Date.now() };
  front.addCaller(sessionCaller('Fn', 'f', 'AROAROLE', role), credentials);
  front.setGuard(new Guard(template, new Roles(template), (_, line) => logged.push(line)));
});
beforeEach(() => {
  for (const name of ['dynamodb', 'kinesis', 's3', 'es'] as const) front.setEngine(name, engineUrl);
  received = [];
  answer = { status: 200, body: '{}' };
  meter.reset();
});
afterAll(async () => {
  await front.stop();
  engine.closeAllConnections();
  engine.close();
  expect(logged).toEqual([]);
});

const options = () => ({ endpoint: front.url, region, credentials, maxAttempts: 1 });

test('a table call is passed on, its capacity counted for the function that signed it, and its answer unchanged', async () => {
  answer.body = JSON.stringify({ Item: { id: { S: 'a' } }, ConsumedCapacity: { TableName: 't', CapacityUnits: 0.5 } });
  const client = new DynamoDBClient(options());
  const result = await client.send(new GetItemCommand({ TableName: 't', Key: { id: { S: 'a' } } }));
  expect(result.Item).toEqual({ id: { S: 'a' } });
  expect(result.ConsumedCapacity).toBeUndefined();
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ TableName: 't', ReturnConsumedCapacity: 'TOTAL' });
  expect(meter.snapshot()).toMatchObject([
    { service: 'dynamodb', action: 'GetItem', function: 'Fn', calls: 1, units: { readUnits: 0.5, items: 1 } },
  ]);
});

test('who asks for the capacity gets it', async () => {
  answer.body = JSON.stringify({ ConsumedCapacity: { TableName: 't', CapacityUnits: 2 } });
  const command = new GetItemCommand({ TableName: 't', Key: { id: { S: 'a' } }, ReturnConsumedCapacity: 'TOTAL' });
  const result = await new DynamoDBClient(options()).send(command);
  expect(result.ConsumedCapacity).toMatchObject({ CapacityUnits: 2 });
});

test.each([
  ['HTTP/2', undefined],
  ['HTTP/1.1', new NodeHttpHandler()],
])('the Kinesis client is served over %s, records counted in whole kilobytes', async (_, requestHandler) => {
  answer.body = JSON.stringify({ FailedRecordCount: 0, Records: [{ SequenceNumber: '1', ShardId: 's' }] });
  const client = new KinesisClient({ ...options(), ...(requestHandler && { requestHandler }) });
  const Records = [100, 1500].map((size) => ({ Data: Buffer.alloc(size), PartitionKey: 'k' }));
  const StreamARN = 'arn:aws:kinesis:eu-central-1:000000000000:stream/positions';
  const result = await client.send(new PutRecordsCommand({ StreamARN, Records }));
  expect(result.FailedRecordCount).toBe(0);
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ StreamName: 'positions' });
  expect(meter.snapshot()).toMatchObject([{ action: 'PutRecords', units: { items: 2, bytes: 1602, kilobytes: 3 } }]);
  client.destroy();
});

test('an object is streamed to the store', async () => {
  const body = 'x'.repeat(3_000_000);
  await new S3Client(options()).send(new PutObjectCommand({ Bucket: 'b', Key: 'k/1', Body: body }));
  expect(received[0]).toMatchObject({ method: 'PUT', url: '/b/k/1?x-id=PutObject' });
  expect(received[0]?.body).toContain(body);
  expect(meter.snapshot()).toMatchObject([{ service: 's3', action: 'PutObject', function: 'Fn' }]);
});

test('an engine that is down reads as a server fault of AWS, which the SDK retries', async () => {
  front.setEngine('dynamodb', 'http://127.0.0.1:1');
  front.setEngine('s3', 'http://127.0.0.1:1');
  const get = new GetItemCommand({ TableName: 't', Key: { id: { S: 'a' } } });
  await expect(new DynamoDBClient(options()).send(get)).rejects.toMatchObject({
    name: 'InternalServerError',
    $metadata: { httpStatusCode: 503 },
  });
  const put = new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' });
  await expect(new S3Client(options()).send(put)).rejects.toMatchObject({ name: 'ServiceUnavailable' });
});

test('who signs with an unknown key, or not at all, is refused', async () => {
  const stranger = { ...options(), credentials: { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' } };
  const get = new GetItemCommand({ TableName: 't', Key: { id: { S: 'a' } } });
  await expect(new DynamoDBClient(stranger).send(get)).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  expect((await fetch(front.url)).status).toBe(403);
  expect(received).toEqual([]);
});

test('the identity is the role of the function, or root for the key of the stack', async () => {
  const identity = await new STSClient(options()).send(new GetCallerIdentityCommand({}));
  expect(identity).toMatchObject({ Arn: 'arn:aws:sts::000000000000:assumed-role/r/f', Account: '000000000000' });
  const root = await new STSClient({ ...options(), credentials: rootCredentials }).send(
    new GetCallerIdentityCommand({}),
  );
  expect(root.Arn).toBe('arn:aws:iam::000000000000:root');
});

test.each([
  ['ok', undefined],
  ['gone', 'GoneException'],
  ['too-large', 'PayloadTooLargeException'],
  ['throttled', 'LimitExceededException'],
] as const)('a post to a connection that answers %s reads as AWS says it', async (result, name) => {
  const posts: [string, string][] = [];
  front.setConnections({
    post: (id, data) => {
      posts.push([id, data.toString()]);
      return result;
    },
    delete: () => true,
    get: () => undefined,
  });
  const client = new ApiGatewayManagementApiClient({ ...options(), endpoint: `${front.url}/live` });
  const posting = client.send(new PostToConnectionCommand({ ConnectionId: 'a=b', Data: 'frame' }));
  if (name) await expect(posting).rejects.toMatchObject({ name });
  else await posting;
  expect(posts).toEqual([['a=b', 'frame']]);
});

test('a delayed service answers late', async () => {
  front.delay('dynamodb', 300);
  const from = performance.now();
  await new DynamoDBClient(options()).send(new GetItemCommand({ TableName: 't', Key: { id: { S: 'a' } } }));
  expect(performance.now() - from).toBeGreaterThan(299);
  front.delay('dynamodb', 0);
});

test('a page can not steer the stack', async () => {
  const response = await fetch(`${front.url}/_local/meter`, { headers: { origin: 'http://evil.example' } });
  expect(response.status).toBe(403);
});

test('HTTP/2 and HTTP/1.1 share the port', async () => {
  const session = http2Connect(front.url);
  const stream = session.request({ ':path': '/' }).resume();
  const status = await new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])));
  expect(status).toBe(403);
  await new Promise<void>((resolve) => session.close(resolve));
});
