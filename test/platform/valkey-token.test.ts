import { connectToken } from '../../lambdas/platform/valkey-token';

test('a connection’s password is a presigned request to connect, without its scheme', async () => {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'a+b/c=',
  });
  const token = await connectToken({
    VALKEY_URL: 'rediss://hot.example:6379',
    VALKEY_USER: 'app',
    VALKEY_CACHE: 'waystream-hot',
    AWS_REGION: 'eu-west-1',
  });
  expect(token).toMatch(/^waystream-hot\/\?/);
  const query = new URL(`http://${token}`).searchParams;
  expect(Object.fromEntries(query)).toMatchObject({
    Action: 'connect',
    User: 'app',
    ResourceType: 'ServerlessCache',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': expect.stringMatching(/^AKIDEXAMPLE\/\d{8}\/eu-west-1\/elasticache\/aws4_request$/),
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    'X-Amz-Security-Token': 'a+b/c=',
  });
});
