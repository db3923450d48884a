import { Tokens } from '../../client/src/token';

/** A JWT that ends then (epoch s); nobody checks its signature here. */
const jwt = (exp: number, name = '') =>
  `e30.${Buffer.from(JSON.stringify({ exp, name: `${name}ÿ` })).toString('base64url')}.x`;

test('a token is used until a minute before its end, then there is another', async () => {
  let [now, made] = [0, 0];
  const tokens = new Tokens(() => jwt(1_000, String(++made)), { now: () => now });
  const first = await tokens.current();
  now = 939_000;
  expect(await tokens.current()).toBe(first);
  now = 941_000;
  expect(await tokens.current()).not.toBe(first);
});

test('what is no JWT is used until it is refused', async () => {
  let made = 0;
  const tokens = new Tokens(async () => `key-${++made}`, { now: () => 0 });
  expect(await tokens.current()).toBe('key-1');
  expect(await tokens.current()).toBe('key-1');
  expect(await tokens.refused('key-1')).toBe(true);
  expect(await tokens.current()).toBe('key-2');
  // Refused while the other was asked for: it is not asked for again.
  expect(await tokens.refused('key-1')).toBe(true);
  expect(made).toBe(2);
});

test('those who ask at once get the same, and one that can’t be had is asked for again', async () => {
  let made = 0;
  const tokens = new Tokens(
    async () => {
      made += 1;
      if (made === 1) throw new Error('offline');
      return `key-${made}`;
    },
    { now: () => 0 },
  );
  await expect(tokens.current()).rejects.toThrow('offline');
  expect(await Promise.all([tokens.current(), tokens.current()])).toEqual(['key-2', 'key-2']);
});

test('a fixed token that is refused stays refused', async () => {
  const tokens = new Tokens('fixed', { now: () => 0 });
  expect(await tokens.refused(await tokens.current())).toBe(false);
});
