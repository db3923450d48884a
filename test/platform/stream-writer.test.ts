import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { kinesis } from '../../lambdas/platform/clients';
import { StreamUnavailable, StreamWriter } from '../../lambdas/platform/stream-writer';

/** A stream that answers or, on connections opened while it is silent, never. */
class SilentStream {
  silent = false;
  requests = 0;
  private readonly dead = new WeakSet<object>();

  private constructor(private readonly server: Server) {
    server.on('request', ({ socket }, response) => {
      this.requests += 1;
      if (this.silent) this.dead.add(socket);
      if (this.dead.has(socket)) return;
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ FailedRecordCount: 0, Records: [{ SequenceNumber: '1', ShardId: 's' }] }));
    });
  }

  static async open(): Promise<SilentStream> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SilentStream(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

jest.setTimeout(60_000);

const records = [{ partitionKey: 'd', data: new Uint8Array([1]) }];
let stream: SilentStream;
let clock: { now: number };
let writer: StreamWriter;

beforeEach(async () => {
  stream = await SilentStream.open();
  const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-west-1' };
  Object.assign(process.env, { ...keys, AWS_ENDPOINT_URL_KINESIS: stream.url });
  clock = { now: 0 };
  writer = new StreamWriter(kinesis(), 'positions', { deadlineMs: 2_000, now: () => clock.now });
});
afterEach(() => stream.close());

const put = () =>
  writer.put(records).then(
    () => 'written',
    (error: unknown) => error,
  );

test('a stream that never answers is given up, then not asked, and found again over a line that is not dead', async () => {
  expect(await put()).toBe('written');
  stream.silent = true;
  for (let i = 0; i < 2; i++) expect(await put()).toBeInstanceOf(StreamUnavailable);
  const asked = stream.requests;
  expect(await put()).toBeInstanceOf(StreamUnavailable);
  expect(stream.requests).toBe(asked);
  stream.silent = false;
  clock.now += 2_000;
  expect(await put()).toBe('written');
});

test('one call without an answer turns nobody away', async () => {
  expect(await put()).toBe('written');
  stream.silent = true;
  expect(await put()).toBeInstanceOf(StreamUnavailable);
  stream.silent = false;
  expect(await put()).toBe('written');
});
