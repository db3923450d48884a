import { LastKnown } from '../../lambdas/latest/last-known';
import type { HttpAnswer, HttpEvent } from '../../lambdas/platform/http';

/** The doors as they start in AWS, with no Valkey behind them. */
Object.assign(process.env, {
  VALKEY_URL: 'redis://127.0.0.1:1',
  VALKEY_USER: 'app',
  VALKEY_CACHE: 'hot',
  TRACKS_TABLE: 'tracks',
  AWS_REGION: 'eu-west-1',
  STALE_AFTER_SECONDS: '60',
  PSEUDONYM_MINUTES: '15',
  PSEUDONYM_SILENCE_SECONDS: '60',
});

type Door = (event: HttpEvent) => Promise<HttpAnswer>;
let onPosition: Door;
let onNearby: Door;

beforeAll(async () => {
  onPosition = (await import('../../lambdas/latest/on-position')).handler;
  onNearby = (await import('../../lambdas/latest/on-nearby')).handler;
});

async function get(door: Door, groups: string, query: Record<string, string>, id = 'taxi-1') {
  const event = {
    routeKey: 'GET',
    headers: {},
    pathParameters: { id },
    queryStringParameters: query,
    requestContext: {
      requestId: 'r',
      http: { sourceIp: '192.0.2.1' },
      authorizer: { jwt: { claims: { sub: 'someone', 'cognito:groups': groups } } },
    },
  } as unknown as HttpEvent;
  const answer = await door(event);
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body ?? '') };
}

const place = { lat: '41.15', lon: '-8.61' };

test.each<[string, string, Record<string, string>, number, string, string | undefined]>([
  ['a device', '[device]', place, 403, 'role_missing', undefined],
  ['no place', '[viewer]', { lat: '41' }, 400, 'missing_parameter', '?lon'],
  ['a latitude of 91', '[viewer]', { ...place, lat: '91' }, 400, 'invalid_parameter', '?lat'],
  ['a latitude in words', '[viewer]', { ...place, lat: 'north' }, 400, 'invalid_parameter', '?lat'],
  ['no radius to speak of', '[viewer]', { ...place, radius: '0' }, 400, 'invalid_parameter', '?radius'],
  ['too far', '[viewer]', { ...place, radius: '20001' }, 400, 'invalid_parameter', '?radius'],
  ['too many', '[viewer]', { ...place, limit: '101' }, 400, 'invalid_parameter', '?limit'],
  ['half of one', '[viewer]', { ...place, limit: '0.5' }, 400, 'invalid_parameter', '?limit'],
  ['an unknown parameter', '[viewer]', { ...place, r: '5' }, 400, 'unknown_parameter', '?r'],
])('nearby for %s', async (_, groups, query, status, code, pointer) => {
  const answer = await get(onNearby, groups, query);
  expect(answer).toMatchObject({ status, body: { code } });
  expect(answer.body.pointer).toBe(pointer);
});

test('an id that can’t be one', async () => {
  expect(await get(onPosition, '[operator]', {}, 'a b')).toMatchObject({
    status: 400,
    body: { code: 'invalid_parameter', pointer: '?id' },
  });
});

afterEach(() => jest.restoreAllMocks());

test('without Valkey a device’s latest position comes from the end of its track', async () => {
  const position = { time: 1_763_719_200_000, lat: 41.15, lon: -8.61 };
  const read = jest.spyOn(LastKnown.prototype, 'read').mockResolvedValue({ device: 'taxi-1', task: 'trip', position });
  expect(await get(onPosition, '[operator]', {})).toMatchObject({
    status: 200,
    body: { device: 'taxi-1', task: 'trip', ...position },
  });
  expect(await get(onPosition, '[viewer]', {})).toMatchObject({ status: 503 });
  read.mockResolvedValue(undefined);
  expect(await get(onPosition, '[operator]', {})).toMatchObject({ status: 503, body: { code: 'latest_unavailable' } });
});

test('without Valkey and without the table both say when to come back', async () => {
  jest.spyOn(LastKnown.prototype, 'read').mockRejectedValue(new Error('away'));
  for (const answer of [await get(onPosition, '[operator]', {}), await get(onNearby, '[viewer]', place)]) {
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { code: 'latest_unavailable' },
    });
  }
});
