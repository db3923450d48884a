import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import Redis from 'ioredis';
import type { HttpAnswer, HttpEvent } from '../../lambdas/platform/http';
import type { MeterLine } from '../../local/model';
import { eventually, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

let client: StackClient;
let operator: string;
let valkey: URL;
const start = Date.now();

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  operator = await client.token('olga', 'operator');
  const { engines } = await client.control('GET', 'status');
  valkey = new URL(engines.find(({ name }: { name: string }) => name === 'valkey').url);
});

/** What functions call. What the platform bills beside it, as invocations and log lines, is no call of theirs. */
const called = ['dynamodb', 'kinesis', 's3', 'es', 'sts', 'execute-api'];

/** Calls of an area’s functions by service and action. */
async function callsOf(area: string, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const read = async (): Promise<MeterLine[]> => {
    const lines: MeterLine[] = await client.control('GET', 'meter');
    return lines.filter((line) => line.function.startsWith(area) && called.includes(line.service));
  };
  const count = async () => {
    const counts = new Map<string, number>();
    for (const { service, action, calls } of await read()) {
      counts.set(`${service} ${action}`, (counts.get(`${service} ${action}`) ?? 0) + calls);
    }
    return counts;
  };
  const before = await count();
  await work();
  const counts = [...(await count())].map(([key, calls]) => [key, calls - (before.get(key) ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, calls]) => calls > 0));
}

const points = (count: number, stepMs = 1_000) =>
  Array.from({ length: count }, (_, index) => ({
    time: start - (count - index) * stepMs,
    lat: -55,
    lon: 90 + index / 1e4,
  }));

test('a request with the points of one device is one call, to the stream', async () => {
  const token = await client.token('counted', 'device', 'feeder');
  const send = async () => {
    const { status } = await client.request('/v1/positions', { token, body: { points: points(1_000) } });
    expect(status).toBe(202);
  };
  expect(await callsOf('Ingest', send)).toEqual({ 'kinesis PutRecords': 1 });
});

test('a feeder’s request with 500 devices is one call as well', async () => {
  const devices = Array.from({ length: 500 }, (_, index) => ({ deviceId: `counted-${index}`, points: points(2) }));
  expect(await callsOf('Ingest', () => client.report(devices))).toEqual({ 'kinesis PutRecords': 1 });
});

test('a message of an app is one read of its key, and one call to the stream', async () => {
  const { body } = await client.request('/v1/devices', { token: operator, body: { deviceId: 'counted-app' } });
  const send = () =>
    eventually(async () => (await client.request(`/v1/apps/osmand/${body.key}?lat=-55&lon=90`)).status === 200);
  expect(await callsOf('IngestOnApp', send)).toEqual({ 'dynamodb GetItem': 1, 'kinesis PutRecords': 1 });
});

test('a request of which nothing is valid is no call at all', async () => {
  const devices = [{ deviceId: 'counted', points: [{ time: start, lat: 0, lon: 0 }] }];
  const send = () => expect(client.report(devices)).rejects.toThrow('nothing_valid');
  expect(await callsOf('Ingest', send)).toEqual({});
});

/** Stands in front of Valkey and counts how often a client speaks after it was answered, or for the first time. */
class TurnCounter {
  turns = 0;
  private readonly sockets: Socket[] = [];

  private constructor(private readonly server: Server) {}

  static async inFrontOf({ hostname, port }: URL): Promise<TurnCounter> {
    const counter = new TurnCounter(createServer((near) => counter.join(near, connect(Number(port), hostname))));
    counter.server.listen(0, '127.0.0.1');
    await once(counter.server, 'listening');
    return counter;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private join(near: Socket, far: Socket): void {
    this.sockets.push(near, far);
    let answered = true;
    near.on('data', (data) => {
      if (answered) this.turns += 1;
      answered = false;
      far.write(data);
    });
    far.on('data', (data) => {
      answered = true;
      near.write(data);
    });
    for (const socket of this.sockets) socket.on('error', () => undefined);
    near.on('close', () => far.destroy());
  }
}

describe('with the function of POST /v1/positions on the stack’s Valkey and stream', () => {
  let counter: TurnCounter;
  let onPositions: (event: HttpEvent) => Promise<HttpAnswer>;

  beforeAll(async () => {
    counter = await TurnCounter.inFrontOf(valkey);
    const { endpoint, region, credentials } = client.asRoot;
    Object.assign(process.env, {
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
      ...{ AWS_REGION: region, AWS_ENDPOINT_URL: endpoint, RETENTION_DAYS: '400' },
      ...{ VALKEY_URL: counter.url, VALKEY_USER: 'keeper', VALKEY_CACHE: 'hot' },
      ...{ DEVICE_RATE: '1000', DEVICE_BURST: '1000', ADDRESS_RATE: '1000', ADDRESS_BURST: '1000' },
    });
    process.env.POSITIONS_STREAM = await streamName();
    onPositions = (await import('../../lambdas/ingest/on-positions')).handler;
    // The first request connects, and sends the scripts that the server has not seen.
    await report('round-trips', '[device]', { points: points(1) });
    await report('feeder-1', '[feeder]', { devices: [{ deviceId: 'round-trips', points: points(1) }] });
  });
  afterAll(() => counter?.stop());

  async function streamName(): Promise<string> {
    const kinesis = new KinesisClient({});
    const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({}));
    kinesis.destroy();
    return StreamNames.find((name) => /position/i.test(name)) ?? '';
  }

  /** @returns round trips to Valkey of one request */
  async function report(sub: string, groups: string, body: object): Promise<number> {
    const before = counter.turns;
    const claims = { sub, 'cognito:groups': groups };
    const answer = await onPositions({
      routeKey: 'POST /v1/positions',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      isBase64Encoded: false,
      requestContext: { requestId: 'r', http: { sourceIp: '192.0.2.1' }, authorizer: { jwt: { claims } } },
    } as unknown as HttpEvent);
    expect({ status: answer.statusCode, body: answer.body }).toMatchObject({ status: 202 });
    return counter.turns - before;
  }

  test('a device’s request is two round trips: its limits, then its positions', async () => {
    expect(await report('round-trips', '[device]', { points: [{ time: start, lat: -55, lon: 91 }] })).toBe(2);
    // They did what they were for.
    const { body } = await client.request('/v1/devices/round-trips/position', { token: operator });
    expect(body).toMatchObject({ time: start, lon: 91 });
  });

  test('a feeder’s request with 500 devices of two tasks is one', async () => {
    const devices = Array.from({ length: 500 }, (_, index) => ({
      deviceId: `round-trips-${index >> 1}`,
      taskId: `task-${index % 2}`,
      points: points(2),
    }));
    expect(await report('feeder-1', '[feeder]', { devices })).toBe(1);
  });
});

test('a page of a track is a few queries, however many rows the track has', async () => {
  await client.report([{ deviceId: 'long', taskId: 'way', points: points(1_000, 61_000) }]);
  // Rows of one track are written one after the other.
  await client.settled(240_000);
  const page = (limit: number) => async () => {
    const path = `/v1/tracks/long/way?limit=${limit}&order=newest`;
    const { body } = await client.request(path, { token: operator });
    expect(body.positions.length).toBe(limit);
  };
  // One point a row is the sparsest track.
  for (const [limit, most] of [
    [10, 4],
    [100, 7],
    [1_000, 12],
  ] as const) {
    const { 'dynamodb Query': queries = 0, ...others } = await callsOf('TracksOnRead', page(limit));
    expect(others).toEqual({});
    expect(queries).toBeLessThanOrEqual(most);
  }
});

test('what is latest of a device on its way, and what is near, is read from Valkey alone', async () => {
  await client.report([{ deviceId: 'on-its-way', points: [{ time: Date.now(), lat: -55, lon: 90 }] }]);
  const read = async () => {
    for (const path of ['devices/on-its-way/position', 'nearby?lat=-55&lon=90']) {
      expect((await client.request(`/v1/${path}`, { token: operator })).status).toBe(200);
    }
  };
  expect(await callsOf('Latest', read)).toEqual({});
});

test('what is latest of a silent device is looked up in its track as well, by two queries', async () => {
  const time = Date.now() - 60_000;
  await client.report([{ deviceId: 'silent', points: [{ time, lat: -55, lon: 90 }] }]);
  await client.settled();
  const read = () => client.request('/v1/devices/silent/position', { token: operator });
  expect(await callsOf('Latest', read)).toEqual({ 'dynamodb Query': 2 });
});

test('no function has scanned a table, nor Valkey’s keys', async () => {
  const lines: MeterLine[] = await client.control('GET', 'meter');
  expect(lines.some(({ service, action }) => service === 'dynamodb' && action === 'Query')).toBe(true);
  expect(lines.filter((line) => line.action === 'Scan' && line.function !== 'root')).toEqual([]);
  const redis = new Redis({ host: valkey.hostname, port: Number(valkey.port), username: 'keeper', password: 'any' });
  const stats = await redis.info('commandstats');
  redis.disconnect();
  expect(stats).toContain('cmdstat_evalsha:');
  expect(stats).not.toMatch(/cmdstat_(scan|keys|hscan|sscan|zscan):/);
});
