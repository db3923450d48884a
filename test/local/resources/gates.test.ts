import { createServer, type Server } from 'node:net';
import { Redis } from 'ioredis';
import type { FunctionConfiguration } from '../../../local/functions/configuration';
import { type Gates, openGates } from '../../../local/resources/gates';
import { templateOf } from '../front/fixture';

const cache = 'arn:aws:elasticache:eu-central-1:000000000000:serverlesscache:hot';
const user = 'arn:aws:elasticache:eu-central-1:000000000000:user:service';
const template = templateOf(
  {},
  {
    Hot: { Type: 'AWS::ElastiCache::ServerlessCache', Properties: { Engine: 'valkey', ServerlessCacheName: 'hot' } },
    User: {
      Type: 'AWS::ElastiCache::User',
      Properties: { UserId: 'service', UserName: 'service', AccessString: 'on', Engine: 'valkey' },
    },
  },
);

let engine: Server;
let gates: Gates;
let granted: readonly string[] = [];

const configuration = (logicalId: string, networked: boolean, port: number): FunctionConfiguration => ({
  ...{ name: logicalId, logicalId, arn: logicalId, roleArn: 'r', folder: undefined, handler: 'index.handler' },
  ...{ runtime: 'nodejs24.x', memoryMb: 128, timeoutMs: 1_000, concurrency: 1, networked, logGroupArn: 'l' },
  platformLogs: false,
  environment: { VALKEY_URL: `redis://127.0.0.1:${port}`, OTHER: 'as it was' },
  credentials: { accessKeyId: 'a', secretAccessKey: 's' },
});

beforeAll(async () => {
  engine = createServer((socket) => {
    socket.on('data', () => socket.write('+OK\r\n'));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  const address = engine.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const configurations = [configuration('Inside', true, port), configuration('Outside', false, port)];
  gates = await openGates(configurations, { host: '127.0.0.1', port }, template, (name, action, ...resources) =>
    resources.every((each) => granted.includes(`${name} ${action} ${each}`)),
  );
});
afterAll(async () => {
  await gates.close();
  engine.close();
});

async function connects(logicalId: string, username = 'service'): Promise<boolean> {
  const url = gates.configurations.find((each) => each.logicalId === logicalId)?.environment.VALKEY_URL ?? '';
  const redis = new Redis(url, {
    ...{ username, password: '', protocol: 2, lazyConnect: true, retryStrategy: null },
    ...{ enableReadyCheck: false, disableClientInfo: true, maxRetriesPerRequest: 0 },
  });
  redis.on('error', () => undefined);
  const answered = await redis
    .connect()
    .then(
      () => redis.get('a').then(() => true),
      () => false,
    )
    .catch(() => false);
  redis.disconnect();
  return answered;
}

const all = [`Inside elasticache:Connect ${cache}`, `Inside elasticache:Connect ${user}`];

test('a function of the network connects with the grant of both, the cache and the user', async () => {
  granted = all;
  expect(await connects('Inside')).toBe(true);
  expect(await connects('Inside', 'stranger')).toBe(false);
  for (const missing of all) {
    granted = all.filter((each) => each !== missing);
    expect(await connects('Inside')).toBe(false);
  }
});

test('a function outside of the network has no way to the cache, whatever it is granted', async () => {
  granted = [...all, `Outside elasticache:Connect ${cache}`, `Outside elasticache:Connect ${user}`];
  expect(await connects('Outside')).toBe(false);
  expect(gates.all.has('Outside')).toBe(false);
  expect(gates.configurations.map(({ environment }) => environment.OTHER)).toEqual(['as it was', 'as it was']);
});
