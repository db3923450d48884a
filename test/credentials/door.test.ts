import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { directWriteSchema } from '../../lambdas/contract/credentials';
import { Standing } from '../../lambdas/credentials/store';
import type { HttpAnswer, HttpEvent } from '../../lambdas/platform/http';

/** The door as it starts in AWS, with nothing behind it. */
Object.assign(process.env, {
  DEVICE_ROLE: 'arn:aws:iam::000000000000:role/device',
  TRACKS_TABLE: 'tracks',
  TRACKS_TABLE_ARN: 'arn:aws:dynamodb:eu-west-1:000000000000:table/tracks',
  RIDES_TABLE: 'rides',
  RETENTION_DAYS: '400',
  CREDENTIALS_SECONDS: '900',
  REFUSED_LIMIT: '100',
  AWS_REGION: 'eu-west-1',
});

let door: (event: HttpEvent) => Promise<HttpAnswer>;
const assumed: unknown[] = [];

beforeAll(async () => {
  door = (await import('../../lambdas/credentials/on-credentials')).handler;
});
beforeEach(() => {
  assumed.length = 0;
  jest.spyOn(Standing.prototype, 'knows').mockImplementation(async (_, task) => task === 'ride');
  jest.spyOn(Standing.prototype, 'refused').mockImplementation(async (device) => (device === 'careless' ? 100 : 0));
  jest.spyOn(STSClient.prototype, 'send').mockImplementation(async (command: unknown) => {
    if (command instanceof AssumeRoleCommand) assumed.push(command.input);
    const Expiration = new Date(Date.now() + 900_000);
    return { Credentials: { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't', Expiration } };
  });
});
afterEach(() => jest.restoreAllMocks());

async function post(body: unknown, sub = 'me', groups = '[device]') {
  const event = {
    routeKey: 'POST /v1/credentials',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    requestContext: {
      requestId: 'r',
      http: { sourceIp: '192.0.2.1' },
      authorizer: { jwt: { claims: { sub, 'cognito:groups': groups } } },
    },
  } as unknown as HttpEvent;
  const answer = await door(event);
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body ?? '') };
}

test('a device gets credentials of its task, which nobody keeps', async () => {
  const { status, headers, body } = await post({ taskId: 'ride' });
  expect([status, headers?.['cache-control']]).toEqual([201, 'no-store']);
  expect(directWriteSchema.parse(body)).toEqual(body);
  expect(assumed).toEqual([
    expect.objectContaining({
      RoleArn: 'arn:aws:iam::000000000000:role/device',
      RoleSessionName: 'me',
      DurationSeconds: 900,
      Policy: expect.stringContaining('"me#ride"'),
    }),
  ]);
});

test.each<[string, unknown, string, string, number, string]>([
  ['another’s', { taskId: 'ride', deviceId: 'you' }, 'me', '[device]', 403, 'not_yours'],
  ['nobody’s', { taskId: 'gone' }, 'me', '[device]', 404, 'task_not_found'],
  ['every', { taskId: '*' }, 'me', '[device]', 400, 'invalid'],
  ['some', { taskId: 'ri?e' }, 'me', '[device]', 400, 'invalid'],
  ['no', {}, 'me', '[device]', 400, 'required'],
  ['more than a', { taskId: 'ride', seconds: 86_400 }, 'me', '[device]', 400, 'unknown_field'],
  ['a viewer’s', { taskId: 'ride' }, 'me', '[viewer]', 403, 'role_missing'],
  ['an owner’s whose id is a pattern,', { taskId: 'ride' }, 'm*', '[device]', 403, 'token_subject'],
  ['a distrusted device’s', { taskId: 'ride' }, 'careless', '[device]', 403, 'direct_write_suspended'],
])('%s task gets none', async (_, body, sub, groups, status, code) => {
  expect(await post(body, sub, groups)).toMatchObject({ status, body: { code } });
  expect(assumed).toEqual([]);
});
