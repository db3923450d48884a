import type { HttpEvent } from '../../lambdas/platform/http';

const event = (query: Record<string, string>, roles = '[operator]') => {
  const authorizer = { jwt: { claims: { sub: 'olga', 'cognito:groups': roles } } };
  const requestContext = { requestId: 'r', http: { sourceIp: '192.0.2.1' }, authorizer };
  return {
    routeKey: 'GET /v1/search',
    headers: {},
    queryStringParameters: query,
    requestContext,
  } as unknown as HttpEvent;
};

const load = async () => {
  Object.assign(process.env, { SEARCH_ENDPOINT: '', PARTITIONS_TABLE: 'partitions', AWS_REGION: 'eu-west-1' });
  return import('../../lambdas/search/on-search');
};

const day = { from: '2026-07-01', to: '2026-07-02' };

test('without a search domain a search is unavailable, and waiting is no advice', async () => {
  const { handler } = await load();
  const { statusCode, headers, body } = await handler(event(day));
  expect([statusCode, JSON.parse(body ?? '').code]).toEqual([503, 'search_unavailable']);
  expect(headers).not.toHaveProperty('retry-after');
});

test.each([
  ['a caller without the role', event(day, '[viewer]'), 403, 'role_missing'],
  ['a range that is empty', event({ from: '5', to: '5' }), 400, 'empty_range'],
  ['a cursor of another’s making', event({ ...day, cursor: 'abc' }), 400, 'invalid_cursor'],
])('even so, %s is told what is wrong', async (_, asked, status, code) => {
  const { handler } = await load();
  const { statusCode, body } = await handler(asked);
  expect([statusCode, JSON.parse(body ?? '').code]).toEqual([status, code]);
});
