import type { Route, Throttle } from './definition';

/** A token bucket. `now` is epoch milliseconds and may stand still. */
export class TokenBucket {
  private tokens: number;
  private at: number;

  constructor(
    private readonly ratePerSecond: number,
    private readonly burst: number,
    now: number,
  ) {
    this.tokens = burst;
    this.at = now;
  }

  take(now: number): boolean {
    this.tokens = Math.min(this.burst, this.tokens + (Math.max(0, now - this.at) / 1000) * this.ratePerSecond);
    this.at = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

/** Account quota of a region, which stands where a stage sets nothing: 10,000 requests a second, burst 5,000. */
const account = { rate: 10_000, burst: 5_000 };

/**
 * Throttling of a stage: a bucket a route, of the route's settings or else the stage's default.
 * @returns a function that says whether one more request to the route may pass
 */
export function stageThrottle(routes: readonly Route[], stage: Throttle): (routeKey: string, now: number) => boolean {
  const buckets = new Map<string, TokenBucket>();
  for (const route of routes) {
    const rate = route.throttle.rate ?? stage.rate ?? account.rate;
    const burst = route.throttle.burst ?? stage.burst ?? account.burst;
    buckets.set(route.routeKey, new TokenBucket(rate, burst, 0));
  }
  return (routeKey, now) => buckets.get(routeKey)?.take(now) ?? true;
}
