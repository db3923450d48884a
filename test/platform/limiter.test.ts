import fc from 'fast-check';
import { LocalBuckets } from '../../lambdas/platform/limiter';

/** The bucket as it is told: so many tokens, refilled with time. */
class Tokens {
  private tokens: number;
  private last = 0;

  constructor(
    private readonly rate: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
  }

  take(now: number): boolean {
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.last) * this.rate) / 1_000);
    this.last = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

test('a bucket gives what a bucket of tokens would', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 100 });
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 2, 4), fc.integer({ min: 1, max: 6 }), (gaps, ratePerSecond, burst) => {
      const [buckets, tokens] = [new LocalBuckets(), new Tokens(ratePerSecond, burst)];
      let now = 0;
      for (const gap of gaps) {
        now += gap * 125;
        expect(buckets.take({ key: 'a', ratePerSecond, burst }, now) === 0).toBe(tokens.take(now));
      }
    }),
  );
});

test('coming back after the wait it told is in time', () => {
  const [buckets, allowance] = [new LocalBuckets(), { key: 'a', ratePerSecond: 3, burst: 5 }];
  for (let i = 0; i < 5; i++) expect(buckets.take(allowance, 0)).toBe(0);
  const wait = buckets.take(allowance, 0);
  expect(wait).toBe(334);
  expect(buckets.take(allowance, wait)).toBe(0);
});

test('forgets who was away longest when there are too many', () => {
  const buckets = new LocalBuckets(2);
  const take = (key: string) => buckets.take({ key, ratePerSecond: 1, burst: 1 }, 0);
  expect([take('a'), take('b')]).toEqual([0, 0]);
  expect(take('a')).toBe(1_000);
  expect(take('c')).toBe(0);
  expect(take('b')).toBe(1_000);
  expect(take('a')).toBe(0);
});
