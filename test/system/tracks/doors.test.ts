import type { Context, KinesisStreamEvent } from 'aws-lambda';
import { encodeBatch } from '../../../lambdas/contract/batch';
import { trackPageSchema } from '../../../lambdas/contract/reads';
import type { HttpAnswer, HttpEvent } from '../../../lambdas/platform/http';
import { lines } from '../../../lambdas/platform/log';
import type { BatchResponse } from '../../../lambdas/platform/streams';
import { startTable, type TestTable } from './table';

jest.setTimeout(120_000);

const START = 1_782_948_600_000;

interface Doors {
  onPositions(event: KinesisStreamEvent): Promise<BatchResponse>;
  onRead(event: HttpEvent): Promise<HttpAnswer>;
}

let table: TestTable;
let doors: Doors;

beforeAll(async () => {
  table = await startTable();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: table.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    TRACKS_TABLE: table.name,
    RIDES_TABLE: 'rides',
    RETENTION_DAYS: '36500',
    POSITIONS_STREAM: 'positions',
    // Nobody listens there: the rows alone answer.
    VALKEY_URL: 'redis://127.0.0.1:1',
    VALKEY_USER: 'tracks',
    VALKEY_CACHE: 'hot',
  });
  jest.spyOn(lines, 'error').mockReturnValue();
  const { handler: onPositions } = await import('../../../lambdas/tracks/on-positions');
  const { handler: onRead } = await import('../../../lambdas/tracks/on-read');
  const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
  doors = { onPositions: (event) => onPositions(event, context), onRead };
});
afterAll(() => table.stop());

function streamed(...data: (string | Uint8Array)[]): KinesisStreamEvent {
  const Records = data.map((one, index) => ({
    kinesis: { sequenceNumber: `s${index}`, data: Buffer.from(one).toString('base64') },
  }));
  return { Records } as unknown as KinesisStreamEvent;
}

const get = (path: object, query: object, accept?: string, sub = 'taxi-1') =>
  doors.onRead({
    routeKey: 'GET',
    pathParameters: path,
    queryStringParameters: query,
    headers: accept === undefined ? {} : { accept },
    requestContext: { requestId: 'r', http: { sourceIp: '127.0.0.1' }, authorizer: { jwt: { claims: { sub } } } },
  } as unknown as HttpEvent);

const points = Array.from({ length: 30 }, (_, index) => ({ time: START + index * 10_000, lat: 41, lon: -8.6 }));
const batch = encodeBatch({ device: 'taxi-1', task: 'a', at: START, points });
const range = { from: String(START), to: '2026-07-02T12:00:00Z' };

test('a record that can’t be read is reported alone; the others are stored and read without Valkey', async () => {
  expect(await doors.onPositions(streamed('{', batch, 'x'))).toEqual({
    batchItemFailures: [{ itemIdentifier: 's0' }, { itemIdentifier: 's2' }],
  });
  const answer = await get({ id: 'taxi-1' }, range);
  expect(answer).toMatchObject({ statusCode: 200, headers: { 'content-type': 'application/json', vary: 'Accept' } });
  expect(trackPageSchema.parse(JSON.parse(answer.body ?? ''))).toEqual({
    device: 'taxi-1',
    positions: points.map((point) => ({ task: 'a', ...point })),
  });
});

test('the link of a page leads to the next, in the format asked for', async () => {
  await doors.onPositions(streamed(batch));
  const first = await get({ owner: 'taxi-1', task: 'a' }, { limit: '20' }, 'application/gpx+xml');
  expect(first.headers).toMatchObject({ 'content-type': 'application/gpx+xml' });
  const [, link = ''] = /^<\?(.*)>; rel="next"$/.exec(String(first.headers?.link)) ?? [];
  const second = await get(
    { owner: 'taxi-1', task: 'a' },
    Object.fromEntries(new URLSearchParams(link)),
    'application/gpx+xml',
  );
  const counts = [first, second].map(({ body }) => body?.match(/<trkpt/g)?.length);
  expect(counts).toEqual([20, 10]);
  expect(second.headers).not.toHaveProperty('link');
});

test('to a stranger there is no such track, and a bad parameter is named', async () => {
  await doors.onPositions(streamed(batch));
  const stranger = await get({ owner: 'taxi-1', task: 'a' }, {}, undefined, 'taxi-2');
  expect([stranger.statusCode, JSON.parse(stranger.body ?? '').code]).toEqual([404, 'track_not_found']);
  const bad = await get({ id: 'taxi-1' }, { ...range, limit: '0' });
  expect([bad.statusCode, JSON.parse(bad.body ?? '').pointer]).toEqual([400, '?limit']);
});
