import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import Redis from 'ioredis';
import { z } from 'zod';
import { callEngine } from '../../local/engine-call';
import { type Engines, startEngines } from '../../local/engines';

const MINUTE_MS = 60_000;
// A busy machine starts Java slowly; none of this is about time.
jest.setTimeout(5 * MINUTE_MS);

const told: string[] = [];
let dataDir: string;
let engines: Engines;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'engines-'));
  engines = await startEngines({ dataDir, search: true, log: (line) => told.push(line) });
});
afterAll(async () => {
  await engines?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('what is written is read after a kill and a restart, on the same ports', async () => {
  const urls = engines.all.map(({ url }) => url);
  await writeEverywhere(engines);
  await Promise.all(engines.all.map((engine) => engine.kill()));
  expect(engines.all.map(({ pid }) => pid)).toEqual(engines.all.map(() => undefined));
  await Promise.all(engines.all.map((engine) => engine.restart()));
  expect(engines.all.map(({ url }) => url)).toEqual(urls);
  expect(await readEverywhere(engines)).toEqual({ ...everything, search: 'kept' });
  expect(told).toEqual([]);
});

test('an engine that ends by itself is told of, with its log', async () => {
  process.kill(z.number().parse(engines.kinesis.pid), 'SIGKILL');
  await until(() => told.length > 0);
  expect(told).toEqual([`kinesis ended unexpectedly (SIGKILL); see ${join(dataDir, 'logs', 'kinesis.log')}`]);
  await engines.kinesis.restart();
});

test('nothing listens beyond the loopback address', async () => {
  const outside = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ internal }) => !internal));
  const tries = outside.flatMap(({ address, scopeid }) =>
    engines.all.map(({ url }) => accepts(scopeid ? `${address}%${scopeid}` : address, Number(new URL(url).port))),
  );
  expect(await Promise.all(tries)).toEqual(tries.map(() => false));
  expect(await Promise.all(engines.all.map(({ url }) => accepts('127.0.0.1', Number(new URL(url).port))))).toEqual(
    engines.all.map(() => true),
  );
});

test('a second run on the same data is refused while the first lasts', async () => {
  const second = startEngines({ dataDir, search: false, log: () => undefined });
  await expect(second).rejects.toThrow(`another run uses ${dataDir}`);
});

test('a stop leaves no process, and the next run finds the data', async () => {
  const pids = engines.all.map(({ pid }) => z.number().parse(pid));
  await engines.stop();
  expect(pids.filter(lives)).toEqual([]);
  engines = await startEngines({ dataDir, search: false, log: () => undefined });
  expect(engines.search).toBeUndefined();
  expect(await readEverywhere(engines)).toEqual(everything);
});

test('engines and temporary data go with a parent that is killed', async () => {
  const parent = spawn(process.execPath, ['--import', 'tsx', '-e', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { dataDir: temporary, pids } = await firstLine(parent);
  expect(pids.every(lives)).toBe(true);
  expect(readdirSync(temporary)).toEqual(expect.arrayContaining(['engines', 'engines.lock', 'logs']));
  parent.kill('SIGKILL');
  await until(() => !pids.some(lives) && !existsSync(temporary));
});

const PARENT = `
  require('./local/engines').startEngines({ search: false, log: console.error }).then(({ all, dataDir }) => {
    console.log(JSON.stringify({ dataDir, pids: all.map(({ pid }) => pid) }));
  });
`;

async function firstLine(child: ChildProcess): Promise<{ dataDir: string; pids: number[] }> {
  if (child.stdout === null) throw new Error('the child has no output');
  const [line] = await once(createInterface(child.stdout), 'line');
  return z.object({ dataDir: z.string(), pids: z.array(z.number()) }).parse(JSON.parse(line));
}

const everything = { dynamodb: 'kept', kinesis: ['kept'], s3: 'kept', valkey: 'kept' };

async function writeEverywhere({ dynamodb, kinesis, s3, valkey, search }: Engines): Promise<void> {
  await callEngine(dynamodb.url, 'dynamodb', 'CreateTable', TABLE, z.unknown());
  const Item = { id: { S: 'a' }, value: { S: 'kept' } };
  await callEngine(dynamodb.url, 'dynamodb', 'PutItem', { TableName: 'table', Item }, z.unknown());
  await callEngine(kinesis.url, 'kinesis', 'CreateStream', { StreamName: 'kept', ShardCount: 1 }, z.unknown());
  await put(`${s3.url}/bucket`, '');
  await put(`${s3.url}/bucket/key`, 'kept');
  await withValkey(valkey, async (redis) => {
    await redis.set('key', 'kept');
    // The append-only file is written once a second.
    await redis.call('WAITAOF', 1, 0, 0);
  });
  await put(`${search?.url}/index/_doc/1?refresh=true`, '{"value":"kept"}');
}

async function readEverywhere({ dynamodb, kinesis, s3, valkey, search }: Engines) {
  const get = { TableName: 'table', Key: { id: { S: 'a' } } };
  const item = z.object({ Item: z.object({ value: z.object({ S: z.string() }) }) });
  const found = await callEngine(dynamodb.url, 'dynamodb', 'GetItem', get, item);
  const streams = await callEngine(
    kinesis.url,
    'kinesis',
    'ListStreams',
    {},
    z.object({ StreamNames: z.string().array() }),
  );
  const hit = z.object({ _source: z.object({ value: z.string() }) });
  return {
    dynamodb: found.Item.value.S,
    kinesis: streams.StreamNames,
    s3: await (await fetch(`${s3.url}/bucket/key`)).text(),
    valkey: await withValkey(valkey, (redis) => redis.get('key')),
    ...(search && { search: hit.parse(await (await fetch(`${search.url}/index/_doc/1`)).json())._source.value }),
  };
}

const TABLE = {
  TableName: 'table',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
};

async function put(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
  expect({ url, ok: answer.ok }).toEqual({ url, ok: true });
}

async function withValkey<T>({ host, port }: Engines['valkey'], use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ host, port });
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const end = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + MINUTE_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come about within a minute');
    await sleep(50);
  }
}
