import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import LogReporter from '../system/log-reporter.mjs';
import { findSecrets, scanLogs } from '../system/log-scan.mjs';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ0YXhpLTEifQ.c2lnbmF0dXJl';

test.each([
  ['a token', `GET / ${TOKEN}`],
  ['a token within a logged object', JSON.stringify({ headers: { authorization: `Bearer ${TOKEN}` } })],
  ['a bearer that is no JWT', 'sec-websocket-protocol: waystream, bearer.0123456789abcdef'],
  [
    'an Authorization header within JSON within JSON',
    JSON.stringify(JSON.stringify({ Authorization: 'c2VjcmV0c2VjcmV0' })),
  ],
  ['a ticket in a query', 'GET /ws?ticket=0123456789abcdef0123456789abcdef'],
  ['a ticket in an answer', JSON.stringify({ ticket: '0123456789abcdef0123456789abcdef' })],
  ['a device key in a path', `GET /v1/apps/osmand/bike-7~${'0h3k9q2x'.repeat(4)}0h?lat=1`],
  ['a secret key', 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
  ['a secret key as STS answers it', '<SecretAccessKey>wJalrXUtnFEMI/K7MDENG</SecretAccessKey>'],
  ['a session token', JSON.stringify({ sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE' })],
  ['a signature', 'AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261121/eu-west-1/kinesis/aws4_request'],
  ['a private key', '-----BEGIN PRIVATE KEY-----'],
])('%s is found in a line', (_, line) => {
  expect(findSecrets(line)).not.toEqual([]);
});

test.each([
  [
    'a failure',
    JSON.stringify({ level: 'ERROR', message: 'request failed', error: 'Error', detail: 'no token was given' }),
  ],
  ['an access', JSON.stringify({ requestId: 'a', route: 'POST /v1/tickets', status: '201', authorizerError: '-' })],
  ['a refusal', 'The Authorization header is missing; a ticket opens one socket'],
])('%s is no secret', (_, line) => {
  expect(findSecrets(line)).toEqual([]);
});

/** A run's folder, in which a stack has logged these lines. */
function run(secrets: string[], lines: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'log-scan-'));
  mkdirSync(join(folder, 'logs/stack-1'), { recursive: true });
  writeFileSync(join(folder, 'logs/stack-1/api.access.log'), lines.join('\n'));
  writeFileSync(join(folder, 'secrets.txt'), secrets.map((secret) => `${secret}\n`).join(''));
  return folder;
}

test('what was handed out is found whatever its shape, and told by its place alone', () => {
  const folder = run(['plain-ticket'], ['fine', 'opened with plain-ticket']);
  const { found } = scanLogs(folder);
  expect(found).toEqual(['logs/stack-1/api.access.log:2: something handed out in this run']);
  rmSync(folder, { recursive: true });
});

test('a secret in a log is one more failed test of the run, clean logs are one more that passed', () => {
  const before = process.env.WAYSTREAM_TEST_DIR;
  const print = [jest.spyOn(console, 'error'), jest.spyOn(console, 'log')].map((each) => each.mockReturnValue());
  const counts = [TOKEN, 'nothing'].map((line) => {
    const results = { numTotalTests: 5, numPassedTests: 5, numFailedTests: 0 };
    process.env.WAYSTREAM_TEST_DIR = run([], [line]);
    new LogReporter().onRunComplete(undefined, results);
    rmSync(process.env.WAYSTREAM_TEST_DIR, { recursive: true });
    return results;
  });
  process.env.WAYSTREAM_TEST_DIR = before;
  expect(counts).toEqual([
    { numTotalTests: 6, numPassedTests: 5, numFailedTests: 1 },
    { numTotalTests: 6, numPassedTests: 6, numFailedTests: 0 },
  ]);
  expect(print[0]?.mock.calls.join()).not.toContain(TOKEN);
});
