import { createServer, type IncomingMessage, type Server } from 'node:http';
import { NoSuchObject, Objects, ObjectsUnavailable } from '../../lambdas/platform/objects';
import { isOutage } from '../../lambdas/platform/outage';

let server: Server;
let endpoint: string;
/** Statuses of the next answers; 200 when there are no more. */
let statuses: number[] = [];
let asked: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'a+b/c=',
  });
  server = createServer((request, response) => {
    asked.push(request);
    request.resume().once('end', () => response.writeHead(statuses.shift() ?? 200).end('held'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
beforeEach(() => {
  statuses = [];
  asked = [];
});
afterAll(() => server.close());

const objects = (region = 'eu-central-1') =>
  new Objects({ UPLOADS_BUCKET: 'b', AWS_REGION: region, AWS_ENDPOINT_URL: endpoint });

test.each([
  ['eu-central-1', 'b.s3.eu-central-1.amazonaws.com'],
  ['cn-north-1', 'b.s3.cn-north-1.amazonaws.com.cn'],
])('an upload of %s goes to the bucket’s own host, its length signed', async (region, host) => {
  const url = new URL(await new Objects({ UPLOADS_BUCKET: 'b', AWS_REGION: region }).uploadUrl('up/of-a:b/1', 42, 900));
  expect([url.protocol, url.host, url.pathname]).toEqual(['https:', host, '/up/of-a%3Ab/1']);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    'X-Amz-SignedHeaders': 'content-length;host',
    'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
    'X-Amz-Expires': '900',
    'X-Amz-Security-Token': 'a+b/c=',
  });
});

test('another store has the bucket in its path', async () => {
  await objects().put('reports/1', '{}', 'application/json');
  expect(asked[0]).toMatchObject({ method: 'PUT', url: '/b/reports/1' });
  expect(asked[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-amz-security-token': 'a+b/c=' });
  expect(Buffer.from(await objects().get('a')).toString()).toBe('held');
});

test.each([403, 404])('%i to a read means that there is no such object', async (status) => {
  statuses = [status];
  await expect(objects().get('a')).rejects.toThrow(NoSuchObject);
});

test('an error of the store is tried again, and told as an outage where it stays', async () => {
  statuses = [500, 503];
  expect(Buffer.from(await objects().get('a')).toString()).toBe('held');
  statuses = [500, 500, 500];
  const error = await objects()
    .put('a', '', 'text/plain')
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ObjectsUnavailable);
  expect(isOutage(error)).toBe(true);
  expect(asked).toHaveLength(6);
});

test('a refusal of a write is neither tried again nor an outage', async () => {
  statuses = [403];
  const error = await objects()
    .put('a', '', 'text/plain')
    .catch((thrown: unknown) => thrown);
  expect(isOutage(error)).toBe(false);
  expect(asked).toHaveLength(1);
});
