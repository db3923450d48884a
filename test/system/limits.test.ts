import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { environments } from '../../lib/environments';
import { loopbackAddress } from '../../replay/reporters';
import { StackClient, startedStack } from './stack';

jest.setTimeout(300_000);
// Where a busy machine lets Valkey answer late, each instance limits by itself, and together they let more pass.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

const { device: perDevice, address: perAddress } = environments.dev.limits;
const BURST = perDevice.burst;

interface Answer {
  status: number;
  retryAfter: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: see Answer of the stack.
  body: any;
}

let client: StackClient;
let names = 0;
const newDevice = () => `limited-${Date.now()}-${++names}`;
/** Addresses that no other test reports from. */
let addresses = 10_000 + (Date.now() % 100_000);
const newAddress = () => loopbackAddress(++addresses);

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
  // Functions that have yet to start would let the buckets fill up meanwhile.
  await atOnce(4 * BURST, () => report('limits-warm-up', newAddress(), 'feeder'));
});

const newBody = () => JSON.stringify({ points: [{ time: Date.now(), lat: -50, lon: 80 }] });

/** Reports one point as a device, from an address of the loopback network. */
async function report(device: string, localAddress: string, ...roles: 'feeder'[]): Promise<Answer> {
  const token = await client.token(device, 'device', ...roles);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const options = { method: 'POST', headers, localAddress, agent: false };
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL('/v1/positions', client.place.api), options, (incoming) => {
      let text = '';
      incoming.on('data', (part) => {
        text += part;
      });
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          retryAfter: incoming.headers['retry-after'],
          body: JSON.parse(text),
        }),
      );
    });
    outgoing.once('error', reject).end(newBody());
  });
}

/** Sends so many at once. @returns the answers, accepted ones first */
async function atOnce(count: number, send: (index: number) => Promise<Answer>): Promise<Answer[]> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => send(index)));
  return answers.sort((a, b) => a.status - b.status);
}

/** What a bucket may have given within `elapsedMs`, if it was full before. */
const mostWithin = ({ rate, burst }: { rate: number; burst: number }, elapsedMs: number) =>
  burst + Math.ceil((elapsedMs / 1_000) * rate);

test('beyond its burst a device is told to wait, and goes on once it has waited', async () => {
  const device = newDevice();
  const start = Date.now();
  const answers = await atOnce(4 * BURST, () => report(device, newAddress()));
  const accepted = answers.filter(({ status }) => status === 202);
  expect(accepted.length).toBeGreaterThanOrEqual(BURST);
  expect(accepted.length).toBeLessThanOrEqual(mostWithin(perDevice, Date.now() - start));
  const refused = answers.slice(accepted.length);
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, retryAfter, body } of refused) {
    expect({ status, code: body.code, retryAfter }).toEqual({
      status: 503,
      code: 'rate_limited',
      retryAfter: String(body.retryAfterSeconds),
    });
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
  }
  await sleep(Number(refused[0]?.retryAfter) * 1_000);
  expect((await report(device, newAddress())).status).toBe(202);
});

test('devices behind one address share its limit, each below its own', async () => {
  const address = newAddress();
  const devices = Array.from({ length: 4 * perAddress.burst }, newDevice);
  const start = Date.now();
  const answers = await atOnce(devices.length, (index) => report(devices[index] ?? '', address));
  const accepted = answers.filter(({ status }) => status === 202);
  expect(accepted.length).toBeGreaterThanOrEqual(perAddress.burst);
  expect(accepted.length).toBeLessThanOrEqual(mostWithin(perAddress, Date.now() - start));
  expect(answers.at(-1)).toMatchObject({ status: 503, body: { code: 'rate_limited' } });
  // From elsewhere another device is not held up.
  expect((await report(newDevice(), newAddress())).status).toBe(202);
});

test('devices with an address each are not held up by one another', async () => {
  const answers = await atOnce(4 * BURST, () => report(newDevice(), newAddress()));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
});

test('a feeder is exempt, whatever it sends from one address', async () => {
  const [feeder, address] = [newDevice(), newAddress()];
  const answers = await atOnce(4 * BURST, () => report(feeder, address, 'feeder'));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
});

test('over HTTP and WebSocket together a device has one bucket', async () => {
  const device = newDevice();
  const socket = await client.socket(await client.token(device, 'device'));
  const message = (id: number) => ({
    type: 'report',
    id: String(id),
    points: [{ time: Date.now() - id, lat: -50, lon: 80 }],
  });
  const start = Date.now();
  const overHttp = atOnce(2 * BURST, () => report(device, newAddress()));
  for (let id = 0; id < 2 * BURST; id++) socket.send(message(id));
  const statuses = (await overHttp).map(({ status }) => status);
  for (let id = 0; id < 2 * BURST; id++) await socket.frame((frame) => frame.id === String(id));
  const receipts = socket.frames.filter(({ type }) => type === 'receipt');
  const accepted = statuses.filter((status) => status === 202).length + receipts.length;
  expect(accepted).toBeLessThanOrEqual(mostWithin(perDevice, Date.now() - start));
  const [limited] = socket.frames.filter(({ type }) => type === 'error');
  expect(limited).toMatchObject({ code: 'rate_limited', retryAfterSeconds: expect.any(Number) });
  socket.close();
});
