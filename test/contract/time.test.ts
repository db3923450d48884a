import fc from 'fast-check';
import { momentSchema, utcDay } from '../../lambdas/contract/time';

test.each([
  ['0', 0],
  ['1782864000000', 1_782_864_000_000],
  ['2026-07-01T00:00:00Z', 1_782_864_000_000],
  ['2026-07-01T02:00:00+02:00', 1_782_864_000_000],
  ['2026-07-01T00:00:00.250Z', 1_782_864_000_250],
  ['2026-07-01', 1_782_864_000_000],
])('%s is a moment', (text, time) => {
  expect(momentSchema.parse(text)).toBe(time);
});

test.each(['', '-1', '1.5', 'now', '2026-07-01T00:00:00', '2026-13-01', '2026-02-30', '1e12', '1234567890123456'])(
  '“%s” is no moment',
  (text) => {
    expect(momentSchema.safeParse(text)).toMatchObject({
      error: { issues: [{ message: expect.stringContaining('neither epoch milliseconds nor an ISO 8601 time') }] },
    });
  },
);

test('the UTC day changes at midnight UTC', () => {
  expect(utcDay(1_782_863_999_999)).toBe('2026-06-30');
  expect(utcDay(1_782_864_000_000)).toBe('2026-07-01');
  fc.assert(
    fc.property(fc.nat(4e12), (time) => {
      const start = Date.parse(`${utcDay(time)}T00:00:00Z`);
      expect(time - start).toBeGreaterThanOrEqual(0);
      expect(time - start).toBeLessThan(86_400_000);
    }),
  );
});
