import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { searchClient } from '../../lambdas/platform/search';
import { IndexDown, searchRows } from '../../lambdas/search/row-index';
import { type Operation, RowWriter } from '../../lambdas/search/row-writer';

/** A domain that answers what a test tells it to. */
let domain: Server;
let answer: (path: string, method: string) => { status: number; body: unknown };
let requests: { path: string; signed: boolean }[];

beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
  domain = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, signed: /^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? '') });
    request.resume().on('end', () => {
      const { status, body } = answer(path, request.method ?? '');
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => domain.listen(0, '127.0.0.1', resolve));
});

beforeEach(() => {
  requests = [];
});

afterAll(() => {
  domain.close();
  domain.closeAllConnections();
});

const client = () => searchClient(`http://127.0.0.1:${(domain.address() as AddressInfo).port}`, 'eu-west-1', 5_000);
const document = { device: 'd', task: 't', from: 0, to: 0, path: [], points: [] };
const operation = (id: string): Operation => ({ index: 'positions-porto-2026-07-01', id, version: 1, document });
const item = (status: number) => ({ index: { status } });

test('each operation has an outcome of its own, and every request is signed', async () => {
  const statuses = [201, 200, 409, 429, 503, 403, 400];
  answer = (path) => ({ status: 200, body: path === '/_bulk' ? { items: statuses.map(item) } : {} });
  const operations = statuses.map((status) => operation(String(status)));
  const outcomes = await new RowWriter(client()).write(operations);
  expect(operations.map((each) => outcomes.get(each))).toEqual([
    'done',
    'done',
    'done',
    'later',
    'later',
    'later',
    'refused',
  ]);
  expect(requests.every(({ signed }) => signed)).toBe(true);
});

test.each([429, 502, 503])('a domain that answers %i puts all of them off', async (status) => {
  answer = () => ({ status, body: {} });
  const operations = [operation('a'), operation('b')];
  const outcomes = await new RowWriter(client()).write(operations);
  expect([...outcomes.values()]).toEqual(['later', 'later']);
});

test('a domain that forbids what a function does is a mistake, not an outage', async () => {
  answer = () => ({ status: 403, body: {} });
  await expect(new RowWriter(client()).write([operation('a')])).rejects.toThrow();
});

test('a deletion where there is no such index is done without creating one', async () => {
  answer = (_, method) => ({ status: method === 'HEAD' ? 404 : 200, body: {} });
  const { document: __, ...deletion } = operation('a');
  const outcomes = await new RowWriter(client()).write([deletion]);
  expect([...outcomes.values()]).toEqual(['done']);
  expect(requests.map(({ path }) => path)).not.toContain('/_bulk');
});

const hits = { hits: [] };

test.each<[string, number, object]>([
  ['answers 503', 503, {}],
  ['is throttled', 429, {}],
  ['has a search that failed', 200, { responses: [{ status: 503, error: {} }] }],
  ['lacks a shard', 200, { responses: [{ status: 200, _shards: { failed: 1 }, hits }] }],
  ['took too long', 200, { responses: [{ status: 200, timed_out: true, hits }] }],
])('no search is answered in part: an index that %s is down', async (_, status, body) => {
  answer = () => ({ status, body });
  await expect(searchRows(client(), ['positions-porto-2026-07-01'], {})).rejects.toBeInstanceOf(IndexDown);
});
