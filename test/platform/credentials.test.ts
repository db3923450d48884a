import { defaultProvider } from '../../lambdas/platform/credentials';

const kept = { ...process.env };
afterEach(() => {
  process.env = { ...kept };
});

test('a function signs with the keys of its role, and the token that goes with them', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'ASIA1', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' });
  expect(await defaultProvider()()).toEqual({ accessKeyId: 'ASIA1', secretAccessKey: 's', sessionToken: 't' });
});

test('keys without a token are taken as they are', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 's' });
  delete process.env.AWS_SESSION_TOKEN;
  expect(await defaultProvider()()).toEqual({ accessKeyId: 'AKIA1', secretAccessKey: 's' });
});

test('a function without keys says which variable is missing', async () => {
  delete process.env.AWS_ACCESS_KEY_ID;
  await expect(defaultProvider()()).rejects.toThrow(/AWS_ACCESS_KEY_ID/);
});
