import { z } from 'zod';
import { asyncApiDocument } from '../../lambdas/contract/asyncapi';
import { openApiDocument } from '../../lambdas/contract/openapi';
import { type Operation, operations } from '../../lambdas/contract/operations';
import { current, Documented } from './documented';
import { type Answer, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

const now = Date.now();
const device = 'contract-device';
const taxi = 'taxi-20000589';

let client: StackClient;
let documented: Documented;
let operator: string;
/** A device that is a feeder as well, so that no limit holds it up. */
let reporter: string;

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  operator = await client.token('contract-operator', 'operator', 'device');
  reporter = await client.token(device, 'device', 'feeder');
  documented = await Documented.servedBy(client);
  const { body: begun } = await client.request('/v1/rides/import', { token: operator, body: { size: 1 } });
  readings.importReport = `/v1/imports/${begun.id}`;
  // Whoever asks for one place needs something to be there.
  for (const body of Object.values(exampleBodies())) await client.request('/v1/positions', { token: reporter, body });
  await client.settled();
});

const operationOf = (id: string): Operation => {
  const found = operations.find((operation) => operation.id === id);
  if (!found) throw new Error(`no operation ${id}`);
  return found;
};
const exampleBodies = () => current(operationOf('reportPositions').body?.examples ?? {}, now);
const responsePath = ({ path, method }: Operation, status: number) => ['paths', path, method, 'responses', status];

test('the documents served are those generated', async () => {
  const openapi = (await client.request('/v1/openapi.json')).body;
  expect(openapi).toEqual(openApiDocument(openapi.servers[0].url));
  const asyncapi = (await client.request('/v1/asyncapi.json')).body;
  const { protocol, host, pathname } = asyncapi.servers.live;
  expect(asyncapi).toEqual(asyncApiDocument(`${protocol}://${host}${pathname}`));
});

test.each(Object.keys(operationOf('reportPositions').body?.examples ?? {}))(
  'the documented report “%s” fits its schema and is accepted whole, with a receipt as documented',
  async (name) => {
    const operation = operationOf('reportPositions');
    const body = exampleBodies()[name];
    expect(
      documented.objections(
        body,
        'openapi',
        'paths',
        operation.path,
        'post',
        'requestBody',
        'content',
        'application/json',
        'schema',
      ),
    ).toEqual([]);
    const answer = await client.request(operation.path, { token: reporter, body });
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, refused: [] } });
    expect(
      documented.objections(
        answer.body,
        'openapi',
        ...responsePath(operation, 202),
        'content',
        'application/json',
        'schema',
      ),
    ).toEqual([]);
  },
);

const range = `from=${now - 3_600_000}&to=${now + 60_000}`;

/** A request to each operation that reads, with the examples of its parameters. */
const readings: Record<string, string> = {
  latestPosition: `/v1/devices/${taxi}/position`,
  nearby: '/v1/nearby?lat=41.1496&lon=-8.6109&radius=1500',
  deviceTracks: `/v1/devices/${device}/tracks?${range}`,
  track: `/v1/tracks/${taxi}/trip-1?order=newest`,
  search: `/v1/search?${range}&devices=${taxi},${device}&circle=-8.61,41.15,500&sort=distance`,
  rides: `/v1/rides?owner=${taxi}`,
  ride: `/v1/rides/trip-1?owner=${taxi}`,
  deviceKeys: `/v1/devices/${device}/keys`,
  reportFromApp: '/v1/apps/osmand',
  reportFromAppByQuery: '/v1/apps/osmand',
  reportFromAppByPath: '/v1/apps/osmand/no-key',
  reportFromAppByAddress: '/v1/apps/osmand/no-key',
  health: '/v1/health',
  openapi: '/v1/openapi.json',
  asyncapi: '/v1/asyncapi.json',
};

test.each(operations.filter(({ method, key }) => method === 'get' && !key))(
  'GET $path is answered with something, as documented',
  async (operation) => {
    const answer = await client.request(readings[operation.id] ?? 'no reading', { token: operator });
    expect(answer).toMatchObject({ status: 200, body: expect.any(Object) });
    const list = answer.body.positions;
    if (list) expect(list).not.toEqual([]);
    expect(
      documented.objections(
        answer.body,
        'openapi',
        ...responsePath(operation, 200),
        'content',
        'application/json',
        'schema',
      ),
    ).toEqual([]);
  },
);

const whole: Record<string, Record<string, string>> = {
  '/v1/nearby': { lat: '41.1', lon: '-8.6' },
  '/v1/search': { from: String(now - 60_000), to: String(now) },
};

const toText = (parameters: object) => Object.entries(parameters).map(([name, value]) => [name, String(value)]);

/** Examples of a query’s parameters, each in a request that is whole. */
const withExamples = operations.flatMap(({ path, query }) =>
  Object.entries(query?.shape ?? {}).flatMap(([name, schema]) => {
    const example = z.instanceof(z.ZodType).parse(schema).meta()?.example;
    return typeof example === 'string' && path in whole ? [{ path, name, example }] : [];
  }),
);

test.each(withExamples)(
  'the example of $path’s parameter “$name” is taken: $example',
  async ({ path, name, example }) => {
    const range =
      name === 'from' || name === 'to'
        ? { from: Date.parse(example) - 3_600_000, to: Date.parse(example) + 3_600_000 }
        : {};
    const parameters = { ...whole[path], ...range, ...(name === 'near' && { sort: 'distance' }), [name]: example };
    const { status, text } = await client.request(`${path}?${new URLSearchParams(toText(parameters))}`, {
      token: operator,
    });
    expect({ status, text }).toEqual({ status: 200, text: expect.any(String) });
  },
);

test('what does not fit is told', () => {
  const schema = [...responsePath(operationOf('ticket'), 201), 'content', 'application/json', 'schema'];
  expect(documented.objections({ ticket: 'a', expiresAt: 1 }, 'openapi', ...schema)).toEqual([]);
  expect(documented.objections({ ticket: 'a' }, 'openapi', ...schema)).not.toEqual([]);
  expect(documented.ofMessage('server', 'pong', { type: 'pong', serverTime: 1, extra: 1 })).not.toEqual([]);
});

test('a ticket is as documented', async () => {
  const answer = await client.request('/v1/tickets', { method: 'POST', token: operator });
  expect(answer.status).toBe(201);
  const operation = operationOf('ticket');
  expect(
    documented.objections(
      answer.body,
      'openapi',
      ...responsePath(operation, 201),
      'content',
      'application/json',
      'schema',
    ),
  ).toEqual([]);
});

interface Wrong {
  id: string;
  status: number;
  path?: string;
  body?: unknown;
  roles?: ('viewer' | 'feeder' | 'device')[];
  headers?: Record<string, string>;
}

/** One request for each status of a problem that a caller can bring about. */
const wrongs: Wrong[] = [
  { id: 'reportPositions', status: 400, body: '{"points":' },
  { id: 'reportPositions', status: 400, body: { points: [], extra: 1 } },
  { id: 'reportPositions', status: 403, body: { points: [] }, roles: ['viewer'] },
  { id: 'reportPositions', status: 413, body: { points: ['x'.repeat(300_000)] } },
  { id: 'reportPositions', status: 415, body: '{}', headers: { 'content-type': 'text/plain' } },
  { id: 'reportPositions', status: 422, body: { points: [{ time: now, lat: 91, lon: 0 }, 'nothing'] } },
  { id: 'latestPosition', status: 400, path: '/v1/devices/a%20b/position' },
  { id: 'latestPosition', status: 404, path: '/v1/devices/nobody-knows/position' },
  { id: 'nearby', status: 400, path: '/v1/nearby?lat=41' },
  { id: 'nearby', status: 403, path: '/v1/nearby?lat=41&lon=-8', roles: [] },
  { id: 'deviceTracks', status: 400, path: `/v1/devices/${taxi}/tracks?from=2&to=1` },
  { id: 'deviceTracks', status: 404, path: `/v1/devices/nobody-knows/tracks?${range}` },
  { id: 'track', status: 400, path: `/v1/tracks/${taxi}/trip-1?order=sideways` },
  { id: 'track', status: 404, path: `/v1/tracks/${taxi}/trip-of-nobody` },
  { id: 'search', status: 400, path: '/v1/search?from=yesterday&to=today' },
  { id: 'search', status: 403, path: `/v1/search?${range}`, roles: ['viewer'] },
];

/** A problem is of the documented schema, and its code is one that the operation names. */
function expectProblem(answer: Answer, operation: Operation, status: number): void {
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const schema = [...responsePath(operation, status), 'content', 'application/problem+json', 'schema'];
  expect(documented.objections(answer.body, 'openapi', ...schema)).toEqual([]);
  expect(answer.body.status).toBe(status);
  expect(operation.problems[status]).toContain(answer.body.code);
}

test.each(wrongs)('$id answers $status as documented (%#)', async ({ id, status, path, body, roles, headers }) => {
  const operation = operationOf(id);
  const token = roles ? await client.token('contract-stranger', ...roles) : body === undefined ? operator : reporter;
  const answer = await client.request(path ?? operation.path, { token, body, ...(headers && { headers }) });
  expectProblem(answer, operation, status);
});

test.each(operations)('$method $path asks for a token where it says so', async (operation) => {
  const path = readings[operation.id] ?? operation.path;
  const { status, body } = await client.request(path, { method: operation.method.toUpperCase() });
  expect(status).toBe(operation.open ? 200 : 401);
  if (operation.open) return;
  // Where a key opens, the function refuses, and not the gateway.
  const type = operation.key ? 'application/problem+json' : 'application/json';
  expect(documented.objections(body, 'openapi', ...responsePath(operation, 401), 'content', type, 'schema')).toEqual(
    [],
  );
});
