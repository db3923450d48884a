import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ItemReader } from '../../lambdas/platform/get-item';
import { lines } from '../../lambdas/platform/log';

interface Asked {
  headers: IncomingMessage['headers'];
  body: unknown;
}

let server: Server;
let asked: Asked[];
let answers: { status: number; body: string }[];

beforeEach(async () => {
  asked = [];
  answers = [];
  server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    asked.push({ headers: request.headers, body: JSON.parse(text) });
    const { status, body } = answers.shift() ?? { status: 200, body: '{}' };
    response.writeHead(status).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  jest.spyOn(lines, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
  server.closeAllConnections();
  server.close();
});

const item = (fields: object) => ({ status: 200, body: JSON.stringify({ Item: fields }) });

test('an item is read by its key, strongly consistent, in a signed request', async () => {
  answers = [item({ device: { S: 'a' }, created: { N: '17' }, friends: { L: [{ S: 'b' }, { S: 'c' }] } })];
  expect(await new ItemReader('keys').get({ device: 'a' })).toEqual({ device: 'a', created: 17, friends: ['b', 'c'] });
  expect(asked).toMatchObject([
    {
      headers: {
        'x-amz-target': 'DynamoDB_20120810.GetItem',
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-west-1\/dynamodb\/aws4_request/,
        ),
      },
      body: { TableName: 'keys', Key: { device: { S: 'a' } }, ConsistentRead: true },
    },
  ]);
});

test('where there is none, nothing comes back', async () => {
  expect(await new ItemReader('keys').get({ device: 'a' })).toBeUndefined();
});

test('an error that passes is tried once more', async () => {
  answers = [{ status: 500, body: '{}' }, item({ device: { S: 'a' } })];
  expect(await new ItemReader('keys').get({ device: 'a' })).toEqual({ device: 'a' });
  expect(asked).toHaveLength(2);
});

test('a table that does not answer is a 503, and the log has no key', async () => {
  answers = [
    { status: 500, body: '{}' },
    { status: 400, body: '{}' },
  ];
  await expect(new ItemReader('keys').get({ device: 'bike-7' })).rejects.toMatchObject({
    status: 503,
    code: 'store_unavailable',
  });
  expect(JSON.stringify(jest.mocked(lines.error).mock.calls)).not.toContain('bike-7');
});
