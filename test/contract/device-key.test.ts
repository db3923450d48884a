import fc from 'fast-check';
import { digestOf, formatKey, KEY_BYTES, matches, newKey, parseKey } from '../../lambdas/contract/device-key';

const bytes = fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES });
const devices = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/);
const runs = { seed: 20261121, numRuns: 500 };

test('a key comes back as it was made, needs no escape in a path, and reads the same in capitals', () => {
  fc.assert(
    fc.property(devices, bytes, (device, random) => {
      const key = newKey(device, random);
      const text = formatKey(key);
      expect(encodeURIComponent(text).replaceAll('%3A', ':')).toBe(text);
      expect(parseKey(text)).toEqual(key);
      expect(parseKey(`${device}~${text.slice(device.length + 1).toUpperCase()}`)).toEqual(key);
    }),
    runs,
  );
});

test('bytes that differ in five bits each make keys that differ', () => {
  fc.assert(
    fc.property(bytes, bytes, (one, another) => {
      const same = one.every((byte, index) => (byte & 31) === ((another[index] ?? 0) & 31));
      expect(formatKey(newKey('a', one)) === formatKey(newKey('a', another))).toBe(same);
    }),
    runs,
  );
});

test.each([
  ['nothing', ''],
  ['no device', `~${'0'.repeat(34)}`],
  ['no secret', 'bike-7~'],
  ['a secret that is too short', `bike-7~${'0'.repeat(33)}`],
  ['a letter that is none of ours', `bike-7~${'0'.repeat(33)}u`],
  ['a device that can’t be one', `bike 7~${'0'.repeat(34)}`],
  ['a token', 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln'],
])('%s is no key', (_, text) => {
  expect(parseKey(text)).toBeUndefined();
});

test('a secret matches its own digest and no other', () => {
  const { secret } = newKey('a', new Uint8Array(KEY_BYTES).fill(7));
  expect(matches(secret, digestOf(secret))).toBe(true);
  expect(matches(secret, digestOf(`${secret}0`))).toBe(false);
  expect(matches(secret, '')).toBe(false);
  expect(digestOf(secret)).not.toContain(secret);
});
