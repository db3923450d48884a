import type { APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import type { HttpAnswer, HttpEvent } from '../../lambdas/platform/http';
import { lines } from '../../lambdas/platform/log';

/** The doors as they start in AWS, with nothing behind them: what they answer before and without their stores. */
const NOBODY = 'http://127.0.0.1:1';
Object.assign(process.env, {
  VALKEY_URL: 'redis://127.0.0.1:1',
  VALKEY_USER: 'app',
  VALKEY_CACHE: 'hot',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_ENDPOINT_URL_KINESIS: NOBODY,
  POSITIONS_STREAM: 'positions',
  RETENTION_DAYS: '30',
  DEVICE_RATE: '3',
  DEVICE_BURST: '50',
  ADDRESS_RATE: '3',
  ADDRESS_BURST: '50',
});

let onPositions: (event: HttpEvent) => Promise<HttpAnswer>;
let onReport: (event: APIGatewayProxyWebsocketEventV2) => Promise<{ statusCode: number; body?: string }>;

beforeAll(async () => {
  onPositions = (await import('../../lambdas/ingest/on-positions')).handler;
  onReport = (await import('../../lambdas/ingest/on-report')).handler;
});
beforeEach(() => {
  jest.spyOn(lines, 'error').mockImplementation(() => undefined);
  jest.spyOn(lines, 'log').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

async function post(body: string, groups = '[device]', type = 'application/json') {
  const event = {
    routeKey: 'POST /v1/positions',
    headers: { 'content-type': type },
    body,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'r',
      http: { sourceIp: '192.0.2.1' },
      authorizer: { jwt: { claims: { sub: 'taxi-1', 'cognito:groups': groups } } },
    },
  } as unknown as HttpEvent;
  const answer = await onPositions(event);
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body ?? '') };
}

async function send(message: object) {
  const event = {
    body: JSON.stringify(message),
    requestContext: { connectionId: 'c', routeKey: 'report', authorizer: { sub: 'taxi-1', roles: 'device' } },
  } as unknown as APIGatewayProxyWebsocketEventV2;
  return JSON.parse((await onReport(event)).body ?? '');
}

const points = [{ time: Date.now(), lat: 41.1496, lon: -8.6109 }];

test.each<[string, string, string, string, number, string]>([
  ['a viewer', '{}', '[viewer]', 'application/json', 403, 'role_missing'],
  ['text', 'hello', '[device]', 'text/plain', 415, 'unsupported_media_type'],
  ['half a body', '{"points":[', '[device]', 'application/json', 400, 'malformed_json'],
  ['a body of 257 KB', ' '.repeat(257 * 1024), '[device]', 'application/json', 413, 'too_large'],
  ['a list', '[]', '[device]', 'application/json', 400, 'wrong_type'],
  ['another device', '{"devices":[]}', '[device]', 'application/json', 403, 'role_missing'],
  ['nothing valid', '{"points":[{}]}', '[device]', 'application/json', 422, 'nothing_valid'],
])('%s is answered with its status and code', async (_, body, groups, type, status, code) => {
  expect(await post(body, groups, type)).toMatchObject({
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: { status, code },
  });
});

test('without a stream nothing is taken, and the sender is told when to come back', async () => {
  const answer = await post(JSON.stringify({ points }));
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' }, body: { code: 'stream_unavailable' } });
}, 20_000);

test('over the WebSocket problems are frames with the message’s id', async () => {
  expect(await send({ type: 'report', id: 'a', points: [{}] })).toMatchObject({
    type: 'error',
    id: 'a',
    code: 'nothing_valid',
    refused: [{ pointer: '/points/0/time', code: 'required' }],
    serverTime: expect.any(Number),
  });
  expect(await send({ type: 'report', id: 'b', points, extra: 1 })).toMatchObject({
    type: 'error',
    id: 'b',
    code: 'unknown_field',
    pointer: '/extra',
  });
  expect(await send({ type: 'report', id: 'not an id', points })).toMatchObject({ type: 'error', pointer: '/id' });
});
