import { presentedKey } from '../../lambdas/ingest/apps/presented';

const secret = '0123456789abcdefghjkmnpqrs';
const key = { device: 'bike-7', id: '0h3k9q2x', secret };
const rest = `0h3k9q2x${secret}`;
const whole = `bike-7~${rest}`;
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

test.each<[string, string | undefined, string | undefined]>([
  ['in the path', whole, undefined],
  ['as a bearer token', undefined, `Bearer ${whole}`],
  ['as user and password', undefined, basic('bike-7', rest)],
  ['as a password of anyone', undefined, basic('ana', whole)],
  ['with a scheme in other letters', undefined, basic('bike-7', rest).replace('Basic', 'basic')],
])('a key is found %s', (_, path, authorization) => {
  expect(presentedKey({ key: path, authorization })).toEqual(key);
});

test.each<[string, string | undefined, string | undefined]>([
  ['nothing', undefined, undefined],
  ['another scheme', undefined, `Digest ${whole}`],
  ['a scheme alone', undefined, 'Basic'],
  ['a user without a password', undefined, `Basic ${Buffer.from('bike-7').toString('base64')}`],
  ['half a key', 'bike-7', undefined],
  ['a wrong key in the path, whatever the header has', 'x', `Bearer ${whole}`],
])('there is none in %s', (_, path, authorization) => {
  expect(presentedKey({ key: path, authorization })).toBeUndefined();
});
