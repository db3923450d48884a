import fc from 'fast-check';
import { encodeCursor } from '../../../lambdas/contract/cursor';
import { operations } from '../../../lambdas/contract/operations';
import { eventually, StackClient, startedStack } from '../stack';
import { anyBytes, anything, nearlyJson, nearlyText, parameter, report } from './inputs';
import { crashes, endConnections, fromJson, type Health, healthOf, objections, send, tryAll } from './stack-judge';

jest.setTimeout(300_000);

const STACK = 'proofs';
const start = Date.now();
const device = `fuzz-${start}`;
let client: StackClient;
let authorization: string;
/** How the stack was once its functions were warm, and what had gone wrong by then. */
let warm: Health;
let crashed: number;
/** Cursors of real lists, by the path that they belong to. */
const cursors: { path: string; cursor: string }[] = [];

beforeAll(async () => {
  client = new StackClient(await startedStack(STACK));
  authorization = `Bearer ${await client.token('fuzz', 'feeder', 'device', 'operator', 'viewer')}`;
  const points = Array.from({ length: 5 }, (_, each) => ({
    time: start - each * 1_000,
    lat: -30,
    lon: 100 + each / 100,
  }));
  await client.report([{ deviceId: device, taskId: 't', points }]);
  await client.settled();
  const range = `from=${start - 60_000}&to=${start + 1_000}`;
  for (const path of [
    `/v1/tracks/${device}/t?limit=1`,
    `/v1/devices/${device}/tracks?${range}&limit=1`,
    `/v1/search?${range}&devices=${device}&limit=1`,
  ]) {
    // An index shows what was written to it within a second.
    const next = await eventually(async () => (await client.request(path, { headers: { authorization } })).body.next);
    cursors.push({ path, cursor: String(next) });
  }
});
afterAll(endConnections);

/** Holds what is sent to the contract of its operation. */
async function judge(
  operation: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Buffer,
) {
  const answer = await send(client, { method, path, headers: { authorization, ...headers }, ...(body && { body }) });
  const against = objections(answer, operation);
  const sent = `${method} ${path.slice(0, 300)} ${body?.toString('latin1', 0, 300) ?? ''}`;
  if (against.length > 0) throw new Error(`${sent}: ${against.join('; ')}`);
}

const types = fc.oneof(
  { arbitrary: fc.constant('application/json'), weight: 8 },
  {
    arbitrary: fc.constantFrom(
      'application/json; charset=utf-16',
      'application/problem+json',
      'text/plain',
      'multipart/form-data; boundary=x',
      'a/b;'.repeat(500),
      'application/JSON;;',
      '*/*',
    ),
    weight: 2,
  },
);
const encodings = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 9 },
  fc.constantFrom('gzip', 'br', 'identity', 'x'),
);
const bodies = fc.oneof(
  { arbitrary: nearlyJson(report).map((value) => Buffer.from(JSON.stringify(value) ?? '')), weight: 5 },
  { arbitrary: nearlyText(report).map((text) => Buffer.from(text)), weight: 3 },
  { arbitrary: anyBytes, weight: 2 },
);

test('bodies of reports', async () => {
  crashed = crashes(STACK).length;
  await judgeBodies(200);
  warm = await healthOf(client);
  await judgeBodies(1_400);
});

async function judgeBodies(share: number): Promise<void> {
  await tryAll('bodies of reports', share, fc.tuple(bodies, types, encodings), ([body, type, encoding]) =>
    judge(
      'reportPositions',
      'POST',
      '/v1/positions',
      { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) },
      body,
    ),
  );
}

const escaped = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const reads = operations.filter(({ method, open, key }) => method === 'get' && !open && !key);
/** A path of an operation, its ids anything that one segment of a path may be. */
const paths = fc.constantFrom(...reads).chain(({ id, path, query }) => {
  const names = [...Object.keys(query?.shape ?? {}), '__proto__', 'constructor', 'x'];
  const ids = fc.oneof(
    fc.constant(device),
    parameter.map((text) => escaped(text.slice(0, 300))),
  );
  const pairs = fc.array(
    fc.tuple(
      fc.constantFrom(...names),
      parameter.map((text) => escaped(text.slice(0, 2_000))),
    ),
    { maxLength: 6 },
  );
  const text = fc.oneof(
    { arbitrary: pairs.map((all) => all.map(([name, value]) => `${name}=${value}`).join('&')), weight: 4 },
    fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((each) => each.replace(/[^!-~]|#/g, '%')),
  );
  return fc.tuple(ids, ids, text).map(([first, second, search]) => {
    const filled = path.replace(/\{(id|owner)\}/, first).replace('{task}', second);
    return { id, path: `${filled}?${search}` };
  });
});

test('paths and query strings', async () => {
  await tryAll('paths and query strings', 1_200, paths, ({ id, path }) => judge(id, 'GET', path));
});

/** Cursors that are none, that are another list's, and ours with something else in them. */
const mutations = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.base64String({ maxLength: 200 }),
  fc
    .tuple(fc.nat(200), fc.nat(20), fc.base64String({ maxLength: 8 }))
    .map(
      (cut) => (real: string) =>
        real.slice(0, cut[0] % real.length) + cut[2] + real.slice((cut[0] % real.length) + cut[1]),
    ),
  anything.map((state) => encodeCursor(['search', 'x'], state)),
  fc.tuple(nearlyJson(fc.constant([0, 0, 'a', 'b'])), fc.boolean()).map(([state]) => (real: string) => {
    const sealed = fromJson(Buffer.from(real, 'base64url').toString());
    return Buffer.from(JSON.stringify({ ...(typeof sealed === 'object' && sealed), state })).toString('base64url');
  }),
);

test('cursors', async () => {
  expect(cursors).toHaveLength(3);
  const cases = fc.tuple(fc.nat(2), fc.nat(2), mutations);
  await tryAll('cursors', 600, cases, async ([list, other, mutation]) => {
    const [path = '', real = ''] = [cursors[list]?.path, cursors[other]?.cursor];
    const cursor = typeof mutation === 'string' ? mutation : mutation(real);
    const operation = path.startsWith('/v1/search')
      ? 'search'
      : path.startsWith('/v1/tracks')
        ? 'track'
        : 'deviceTracks';
    await judge(operation, 'GET', `${path}&cursor=${escaped(cursor)}`);
  });
});

/** Garbage that is yet to be collected, beside what a function held when it was warm (bytes). */
const SLACK_BYTES = 64 * 1_048_576;

test('nothing has crashed, and nothing holds what it was sent', async () => {
  await client.settled(200_000);
  const { heap, stackBytes } = await healthOf(client);
  expect(crashes(STACK).slice(crashed)).toEqual([]);
  const grown = Object.entries(heap).filter(([name, bytes]) => bytes > (warm.heap[name] ?? 0) + SLACK_BYTES);
  expect(grown).toEqual([]);
  expect(stackBytes).toBeLessThan(warm.stackBytes + 4 * SLACK_BYTES);
});
