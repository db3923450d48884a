import Fastify from 'fastify';
import { Redis } from 'ioredis';
import { jwtVerify } from 'jose';
import { Pool } from 'pg';
import { z } from 'zod';
import { type Row, Store } from './store';

/**
 * What a team would write instead: one small server that keeps history in PostgreSQL with PostGIS, and the latest
 * positions in Valkey. It answers when the rows are committed, as Waystream does when Kinesis has them.
 */

const point = {
  type: 'object',
  required: ['time', 'lat', 'lon'],
  properties: {
    time: { type: 'integer', minimum: 0 },
    lat: { type: 'number', minimum: -90, maximum: 90 },
    lon: { type: 'number', minimum: -180, maximum: 180 },
    speed: { type: 'number', minimum: 0 },
    heading: { type: 'number', minimum: 0, maximum: 360 },
  },
} as const;
const id = { type: 'string', pattern: '^[A-Za-z0-9_.:-]{1,64}$' } as const;
const points = { type: 'array', minItems: 1, maxItems: 1_000, items: point } as const;
const device = {
  type: 'object',
  required: ['deviceId', 'points'],
  properties: { deviceId: id, taskId: id, points },
} as const;
const report = {
  type: 'object',
  required: ['devices'],
  properties: { devices: { type: 'array', minItems: 1, maxItems: 1_000, items: device } },
} as const;
const numbers = (...names: string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, { type: 'number' }])),
});

interface Report {
  devices: { deviceId: string; taskId?: string; points: Omit<Row, 'device' | 'task'>[] }[];
}

const env = z
  .object({ POSTGRES_URL: z.url(), VALKEY_PORT: z.coerce.number(), PORT: z.coerce.number(), SECRET: z.string() })
  .parse(process.env);
const pool = new Pool({ connectionString: env.POSTGRES_URL, max: 10 });
const valkey = new Redis({ host: '127.0.0.1', port: env.VALKEY_PORT });
const store = new Store(pool, valkey);
const secret = new TextEncoder().encode(env.SECRET);
const server = Fastify({ bodyLimit: 256 * 1024 });

server.addHook('onRequest', async (request, reply) => {
  const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  await jwtVerify(token, secret).catch(() => reply.code(401).send({ message: 'Sign in.' }));
});

server.post<{ Body: Report }>('/v1/positions', { schema: { body: report } }, async ({ body }, reply) => {
  const rows = body.devices.flatMap(({ deviceId, taskId, points: reported }) =>
    reported.map((each): Row => ({ device: deviceId, task: taskId ?? 'day', ...each })),
  );
  await store.append(rows);
  return reply.code(202).send({ accepted: rows.length, refused: [], serverTime: Date.now() });
});

server.get<{ Params: { id: string } }>('/v1/devices/:id/position', async ({ params }, reply) => {
  const latest = await store.latest(params.id);
  return latest ?? reply.code(404).send({ message: 'Nothing is known of this device.' });
});

server.get<{ Querystring: { lat: number; lon: number; radius: number; limit: number } }>(
  '/v1/nearby',
  { schema: { querystring: numbers('lat', 'lon', 'radius', 'limit') } },
  ({ query }) => store.nearby(query),
);

server.get<{ Params: { owner: string; task: string } }>('/v1/tracks/:owner/:task', ({ params }) =>
  store.track(params.owner, params.task),
);

server.get<{ Querystring: { box: string; from: number; to: number; limit: number } }>(
  '/v1/search',
  { schema: { querystring: { ...numbers('from', 'to', 'limit') } } },
  ({ query }) => store.search(query.box.split(',').map(Number), query.from, query.to, query.limit),
);

store
  .prepare()
  .then(() => server.listen({ host: '127.0.0.1', port: env.PORT }))
  .then(() => process.send?.('ready'))
  .catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
process.once('disconnect', () => process.exit(0));
