import { documentedMessages } from '../../lambdas/contract/asyncapi';
import { current, Documented } from './documented';
import { eventually, type SocketClient, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

const now = Date.now();

let client: StackClient;
let operator: string;
let documented: Documented;

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  operator = await client.token('contract-operator', 'operator', 'device');
  documented = await Documented.servedBy(client);
  const point = { time: now, lat: 41.15, lon: -8.61 };
  await client.report([{ deviceId: 'contract-found', points: [point] }]);
  await client.settled();
  await eventually(
    async () =>
      (await client.request(`/v1/search?devices=contract-found&from=${now}&to=${now + 1}`, { token: operator })).body
        .positions.length > 0,
  );
});

/** What answers each documented message. */
const answers: Record<keyof typeof documentedMessages, string> = {
  report: 'receipt',
  subscribe: 'snapshot',
  unsubscribe: 'unsubscribed',
  search: 'done',
  ping: 'pong',
};

test('each documented message fits its schema and is answered as documented', async () => {
  const socket = await client.socket(operator);
  for (const [type, example] of Object.entries(documentedMessages)) {
    const message = current(example, now);
    expect(documented.ofMessage('client', type, message)).toEqual([]);
    await socket.ask(message, (frame) => frame.type === answers[type as keyof typeof answers]);
  }
  expectDocumented(socket, ['done', 'partition', 'pong', 'receipt', 'snapshot', 'unsubscribed']);
  socket.close();
});

test('what moves is told as documented', async () => {
  const socket = await client.socket(operator);
  const viewport = { west: 60, south: -41, east: 60.1, north: -40.9 };
  await socket.ask({ type: 'subscribe', id: 'map', viewport }, ({ type }) => type === 'snapshot');
  const move = (lon: number) =>
    client.report([
      { deviceId: 'contract-mover', points: [{ time: Date.now(), lat: -40.95, lon, speed: 3, heading: 90 }] },
    ]);
  await move(60.05);
  await socket.frame(({ type, positions }) => type === 'positions' && positions.length === 1);
  await move(60.5);
  await socket.frame(({ type, left }) => type === 'positions' && left.length === 1);
  expectDocumented(socket, ['positions', 'snapshot']);
  socket.close();
});

const mistakes: [unknown, string][] = [
  ['{"type":', 'malformed_json'],
  [{ type: 'teleport', id: 'a' }, 'unknown_type'],
  [{ type: 'subscribe', id: 'a', viewport: { west: 0, south: 0, east: 1 } }, 'required'],
  [{ type: 'unsubscribe' }, 'required'],
  [{ type: 'search', id: 'a', from: 2, to: 1 }, 'empty_range'],
  [{ type: 'report', id: 'a', points: [{ time: now, lat: 91, lon: 0 }] }, 'nothing_valid'],
];

test('each mistake is answered by an error as documented', async () => {
  const socket = await client.socket(await client.token('contract-clumsy', 'operator', 'device', 'feeder'));
  for (const [message, code] of mistakes) await socket.ask(message, (frame) => frame.code === code);
  expectDocumented(socket, ['error']);
  socket.close();
});

/** Every frame fits the schema of its type; and of each of these types there was one. */
function expectDocumented({ frames }: SocketClient, types: string[]): void {
  for (const frame of frames) expect(documented.ofMessage('server', frame.type, frame)).toEqual([]);
  expect([...new Set(frames.map(({ type }) => type))].sort()).toEqual(types);
}
