import { request as send } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Caller, Front } from '../../../local/front';
import { Guard } from '../../../local/front/guard';
import { Keys, sessionCaller } from '../../../local/front/keys';
import { Roles } from '../../../local/iam';
import { LocalMeter } from '../../../local/meter';
import { allow, templateOf } from './fixture';

interface Request {
  method: string;
  path: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
  body: string;
}
interface Signing {
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  region?: string;
  at?: Date;
}

const credentials = { accessKeyId: 'ASIA0000000000000001', secretAccessKey: 'secret', sessionToken: 'token/+=' };
const role = { arn: 'arn:aws:iam::000000000000:role/r', issuedAt: 0 };
const caller: Caller = sessionCaller('Fn', 'f', 'AROA', role);
let front: Front;

beforeAll(async () => {
  const template = templateOf({ r: { allows: [allow(['dynamodb:*', 's3:*', 'es:*', 'kinesis:*'])] } });
  front = new Front({ meter: new LocalMeter(), log: () => undefined, control: async () => false });
  await front.start();
  front.addCaller(caller, credentials);
  front.setGuard(new Guard(template, new Roles(template), () => undefined));
});
afterAll(() => front.stop());
afterEach(() => jest.restoreAllMocks());

const getItem = (): Request => ({
  method: 'POST',
  path: '/',
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.GetItem' },
  body: JSON.stringify({ TableName: 't', Key: { id: { S: 'ä' } } }),
});
const putObject = (headers: Record<string, string> = {}): Request => ({
  method: 'PUT',
  path: '/bucket/a%20b//c',
  query: { 'x-id': 'PutObject', empty: '' },
  headers,
  body: 'content',
});

function signer(service: string, { region = 'eu-central-1', ...signing }: Signing): SignatureV4 {
  const uriEscapePath = service !== 's3';
  return new SignatureV4({
    service,
    region,
    credentials: signing.credentials ?? credentials,
    sha256: Sha256,
    uriEscapePath,
  });
}

function unsigned(request: Request) {
  const host = `127.0.0.1:${front.port}`;
  const { path, query, method, body } = request;
  return {
    method,
    protocol: 'http:',
    hostname: host,
    path,
    query: query ?? {},
    headers: { ...request.headers, host },
    body,
  };
}

async function sign(service: string, request: Request, signing: Signing = {}): Promise<Request> {
  const made = await signer(service, signing).sign(unsigned(request), { signingDate: signing.at ?? new Date() });
  return { ...request, headers: made.headers };
}

async function presign(service: string, request: Request, expiresIn: number, at = new Date()): Promise<Request> {
  const made = await signer(service, {}).presign(unsigned(request), { expiresIn, signingDate: at });
  return { ...request, headers: made.headers, query: made.query as Record<string, string> };
}

/** @returns status, code and message; an engine that is not there answers 503, so whoever gets that far was let in */
function answer({
  method,
  path,
  query = {},
  headers,
  body,
}: Request): Promise<{ status: number; code: string; text: string }> {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return new Promise((resolve, reject) => {
    const url = `${front.url}${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`;
    const sending = send(url, { method, headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      const code = /<Code>(.*)<\/Code>/.exec(text)?.[1] ?? /"__type":"(?:[^"]*#)?([^"]*)"/.exec(text)?.[1] ?? '';
      resolve({ status: response.statusCode ?? 0, code, text });
    });
    sending.once('error', reject);
    sending.end(body);
  });
}

const letIn = 503;
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);

test.each([
  ['dynamodb', getItem()],
  ['s3', putObject()],
  ['s3', putObject({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })],
  ['es', { ...getItem(), path: '/a*b/_doc/o%23t/', query: { b: '1', a: 'x y*', A: '' } }],
  ['es', { ...getItem(), path: '/./x/../_bulk' }],
] as const)('what the SDK signs for %s is let in', async (service, request) => {
  expect((await answer(await sign(service, request))).status).toBe(letIn);
});

test('a presigned request is let in until it expires, and as long as nothing of it is changed', async () => {
  const request = await presign('s3', putObject({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }), 60);
  expect((await answer(request)).status).toBe(letIn);
  expect(await answer({ ...request, path: '/bucket/other' })).toMatchObject({
    status: 403,
    code: 'SignatureDoesNotMatch',
  });
  const old = await presign(
    's3',
    putObject({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
    60,
    new Date(Date.now() - 61_000),
  );
  expect(await answer(old)).toMatchObject({
    status: 403,
    code: 'AccessDenied',
    text: expect.stringContaining('Request has expired'),
  });
  const long = await presign('s3', putObject({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }), 900);
  const query = { ...long.query, 'X-Amz-Expires': '604801' };
  expect(await answer({ ...long, query })).toMatchObject({ status: 400, code: 'AuthorizationHeaderMalformed' });
});

type Change = (request: Request) => Request;
const header =
  (name: string, value: string): Change =>
  (request) => ({ ...request, headers: { ...request.headers, [name]: value } });

test.each<[string, Change]>([
  ['the body', (request) => ({ ...request, body: request.body.replace('ä', 'b') })],
  ['the path', (request) => ({ ...request, path: '/other' })],
  ['the query', (request) => ({ ...request, query: { a: 'b' } })],
  ['the method', (request) => ({ ...request, method: 'PUT' })],
  ['a signed header', header('x-amz-target', 'DynamoDB_20120810.DeleteItem')],
  [
    'one hex digit of the signature',
    (request) =>
      header(
        'authorization',
        request.headers.authorization?.replace(/.$/, (last) => (last === '0' ? '1' : '0')) ?? '',
      )(request),
  ],
])('%s altered after signing is refused', async (_, change) => {
  const altered = change(await sign('dynamodb', getItem()));
  expect(await answer(altered)).toMatchObject({ status: 400, code: 'InvalidSignatureException' });
});

test.each<[string, Change]>([
  ['a header of AWS that is not covered', header('x-amz-extra', '1')],
  [
    'a host that is not covered',
    (request) => header('authorization', request.headers.authorization?.replace(';host', '') ?? '')(request),
  ],
  ['no date', (request) => header('x-amz-date', '')(request)],
  [
    'a scope of four parts',
    (request) => header('authorization', request.headers.authorization?.replace('/aws4_request', '') ?? '')(request),
  ],
  [
    'another algorithm',
    (request) =>
      header('authorization', request.headers.authorization?.replace('AWS4-HMAC-SHA256', 'AWS3') ?? '')(request),
  ],
])('a signature with %s is incomplete', async (_, change) => {
  expect(await answer(change(await sign('dynamodb', getItem())))).toMatchObject({
    status: 400,
    code: 'IncompleteSignatureException',
  });
});

const wrong = (change: Partial<typeof credentials>) => ({ credentials: { ...credentials, ...change } });
test.each<[string, string, Request, Signing, number, string]>([
  ['another secret', 'dynamodb', getItem(), wrong({ secretAccessKey: 'guess' }), 400, 'InvalidSignatureException'],
  ['an unknown key', 'dynamodb', getItem(), wrong({ accessKeyId: 'ASIAUNKNOWN' }), 400, 'UnrecognizedClientException'],
  ['another token', 'dynamodb', getItem(), wrong({ sessionToken: 'other' }), 400, 'UnrecognizedClientException'],
  ['another region', 'dynamodb', getItem(), { region: 'us-east-1' }, 400, 'InvalidSignatureException'],
  ['a clock 6 minutes slow', 'dynamodb', getItem(), { at: ago(6) }, 400, 'InvalidSignatureException'],
  ['a clock 6 minutes fast', 'dynamodb', getItem(), { at: ago(-6) }, 400, 'InvalidSignatureException'],
  ['another secret', 's3', putObject(), wrong({ secretAccessKey: 'guess' }), 403, 'SignatureDoesNotMatch'],
  ['an unknown key', 's3', putObject(), wrong({ accessKeyId: 'ASIAUNKNOWN' }), 403, 'InvalidAccessKeyId'],
  ['another token', 's3', putObject(), wrong({ sessionToken: 'other' }), 400, 'InvalidToken'],
  ['a clock 16 minutes slow', 's3', putObject(), { at: ago(16) }, 403, 'RequestTimeTooSkewed'],
  ['another secret', 'sts', getItem(), wrong({ secretAccessKey: 'guess' }), 403, 'SignatureDoesNotMatch'],
  ['an unknown key', 'sts', getItem(), wrong({ accessKeyId: 'ASIAUNKNOWN' }), 403, 'InvalidClientTokenId'],
  ['another secret', 'es', getItem(), wrong({ secretAccessKey: 'guess' }), 403, 'InvalidSignatureException'],
])('%s is refused by %s in its own words', async (_, service, request, signing, status, code) => {
  expect(await answer(await sign(service, request, signing))).toMatchObject({ status: status, code: code });
});

test('clocks may differ by 4 minutes, and for S3 by 14', async () => {
  expect((await answer(await sign('dynamodb', getItem(), { at: ago(4) }))).status).toBe(letIn);
  expect((await answer(await sign('s3', putObject(), { at: ago(-14) }))).status).toBe(letIn);
});

test('a date that is not the scope’s is refused', async () => {
  const request = await sign('dynamodb', getItem());
  const authorization = request.headers.authorization?.replace(/\/\d{8}\//, '/20200101/') ?? '';
  const answered = await answer(header('authorization', authorization)(request));
  expect(answered).toMatchObject({
    status: 400,
    code: 'InvalidSignatureException',
    text: expect.stringContaining('Date in Credential scope'),
  });
});

test('an object is held to the hash that its signature covers', async () => {
  const request = await sign('s3', putObject());
  expect(await answer({ ...request, body: 'conten!' })).toMatchObject({
    status: 400,
    code: 'XAmzContentSHA256Mismatch',
  });
  const unhashed = await sign('s3', putObject({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }));
  expect((await answer({ ...unhashed, body: 'conten!' })).status).toBe(letIn);
  const chunked = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
  expect(await answer(await sign('s3', putObject({ 'x-amz-content-sha256': chunked })))).toMatchObject({
    status: 501,
    code: 'NotImplemented',
  });
});

test.each([
  ['DynamoDB_20120810.GetItem', 400, 'MissingAuthenticationTokenException'],
  ['', 403, 'MissingAuthenticationTokenException'],
])('an unsigned request with the target "%s" is refused', async (target, status, code) => {
  const request = { ...getItem(), headers: { 'x-amz-target': target } };
  expect(await answer(request)).toMatchObject({ status: status, code: code });
});

test('a key that was issued expires', async () => {
  const keys = new Keys();
  const key = keys.issue(caller, Date.now() + 1_000);
  expect(key).toMatchObject({
    accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
    secretAccessKey: expect.any(String),
  });
  expect(keys.find(key.accessKeyId)).toBe(key);
});

test('what is not known to be safe is not let through', async () => {
  const listGlobalTables = { ...getItem(), headers: { 'x-amz-target': 'DynamoDB_20120810.ListGlobalTables' } };
  const answered = await answer(await sign('dynamodb', listGlobalTables));
  expect(answered).toMatchObject({
    status: 400,
    code: 'UnknownOperationException',
    text: expect.stringContaining('ListGlobalTables'),
  });
});
