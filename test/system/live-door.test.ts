import WebSocket from 'ws';
import { SocketClient, StackClient, startedStack } from './stack';

jest.setTimeout(300_000);

let client: StackClient;
let operator: string;
let viewer: string;

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  operator = await client.token('door-operator', 'operator');
  viewer = await client.token('door-viewer', 'viewer');
});

const open = (query: string, ...protocols: string[]) =>
  SocketClient.opened(new WebSocket(client.place.ws + query, protocols));

test.each<[string, string, string[]]>([
  ['nothing to show', '', []],
  ['an unknown ticket', '?ticket=unknown', []],
  ['a token that is none', '', ['waystream', 'bearer.nonsense']],
])('opening a socket with %s is refused', async (_, query, protocols) => {
  await expect(open(query, ...protocols)).rejects.toThrow('401');
});

test('opening a socket with a token signed by somebody else is refused', async () => {
  const [header, payload] = operator.split('.');
  const forged = `${header}.${payload}.${viewer.split('.')[2]}`;
  await expect(open('', 'waystream', `bearer.${forged}`)).rejects.toThrow('401');
});

test('opening a socket with a ticket works once, as who asked for it', async () => {
  const { body } = await client.request('/v1/tickets', { method: 'POST', token: viewer });
  const socket = await open(`?ticket=${body.ticket}`);
  const viewport = { west: 0, south: -70, east: 0.1, north: -69.9 };
  await socket.ask({ type: 'subscribe', id: 'map', viewport }, ({ type }) => type === 'snapshot');
  await socket.ask({ type: 'search', id: 'past', from: 1, to: 2 }, ({ code }) => code === 'role_missing');
  await expect(open(`?ticket=${body.ticket}`)).rejects.toThrow('401');
  socket.close();
});

test('a report over WebSocket is answered by its receipt, and read as any other', async () => {
  const taxi = `reporter-${Date.now()}`;
  const inside = { lat: -71, lon: 5 };
  const socket = await client.socket(await client.token(taxi, 'device'));
  const time = Date.now();
  const points = [
    { time, ...inside },
    { time: time + 1, lat: 91, lon: 0 },
  ];
  const receipt = await socket.ask({ type: 'report', id: 'r1', points }, () => true);
  expect(receipt).toMatchObject({
    type: 'receipt',
    id: 'r1',
    accepted: 1,
    refused: [{ pointer: '/points/1/lat', code: 'out_of_range' }],
  });
  const { body } = await client.request(`/v1/devices/${taxi}/position`, { token: operator });
  expect(body).toMatchObject({ time, ...inside });
  socket.close();
});
