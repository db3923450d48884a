import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { isOutage } from '../../lambdas/platform/outage';
import { Connections } from '../../lambdas/platform/socket';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const says =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);
const resets: Answer = (_, { socket }) => socket.resetAndDestroy();

let server: Server;
/** What is answered to one request after another; then 200. */
let answers: Answer[];
let seen: { path: string | undefined; body: string; port: number | undefined; authorization: string | undefined }[];
let connections: Connections;

beforeEach(async () => {
  [answers, seen] = [[], []];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { authorization } = request.headers;
    seen.push({ path: request.url, body, port: request.socket.remotePort, authorization });
    (answers.shift() ?? says(200))(response, request);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
  connections = new Connections(`http://127.0.0.1:${(server.address() as AddressInfo).port}/live`);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const post = () => connections.post('L0SM9cOFvHcCIhw=', { type: 'pong' });

test('a frame is posted in a signed request below the stage, over one connection that is kept', async () => {
  expect([await post(), await post()]).toEqual([true, true]);
  expect(seen[0]).toMatchObject({
    path: '/live/@connections/L0SM9cOFvHcCIhw%3D',
    body: '{"type":"pong"}',
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-west-1\/execute-api\/aws4_request/,
    ),
  });
  expect(seen[1]?.port).toBe(seen[0]?.port);
});

test('a connection that is gone answers false, after one request', async () => {
  answers = [says(410, { 'x-amzn-errortype': 'GoneException' })];
  expect(await post()).toBe(false);
  expect(seen).toHaveLength(1);
});

test.each([
  ['throttling', says(429, { 'x-amzn-errortype': 'LimitExceededException:http://internal.amazon.com/' })],
  ['an error of the service', says(500)],
  ['a connection that is reset', resets],
])('%s is tried once more', async (_, first) => {
  answers = [first];
  expect(await post()).toBe(true);
  expect(seen).toHaveLength(2);
});

test('a kept connection that the server has closed meanwhile costs no frame', async () => {
  await post();
  answers = [resets];
  expect(await post()).toBe(true);
});

test('what does not pass after two attempts is thrown by its name', async () => {
  const throttled = says(429, { 'x-amzn-errortype': 'LimitExceededException:http://internal.amazon.com/' });
  answers = [throttled, throttled];
  await expect(post()).rejects.toMatchObject({ name: 'LimitExceededException', status: 429 });
  expect(seen).toHaveLength(2);
});

test('an error of the service that stays counts as an outage, a refusal does not', async () => {
  const failure = () =>
    post().then(
      () => undefined,
      (error: unknown) => error,
    );
  answers = [says(500), says(500)];
  expect(isOutage(await failure())).toBe(true);
  answers = [says(403, { 'x-amzn-errortype': 'ForbiddenException' })];
  expect(isOutage(await failure())).toBe(false);
});

test('what will not pass is not tried again', async () => {
  answers = [says(403, { 'x-amzn-errortype': 'ForbiddenException' }, '{"message":"Forbidden"}')];
  await expect(post()).rejects.toMatchObject({ name: 'ForbiddenException', status: 403, message: 'Forbidden' });
  expect(seen).toHaveLength(1);
});

test('an API that takes connections and never answers is given up', async () => {
  const silent = createTcpServer(() => undefined);
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  const posting = new Connections(`http://127.0.0.1:${port}`).post('a', {});
  const error: unknown = await posting.catch((each: unknown) => each);
  silent.close();
  expect(error).toMatchObject({ name: 'TimeoutError', message: 'No answer in time' });
  expect(isOutage(error)).toBe(true);
}, 30_000);
