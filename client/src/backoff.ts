/** How long to wait after failures. */
export interface BackoffSettings {
  /** Greatest wait after the first failure (ms); doubled with each. */
  firstMs: number;
  /** Greatest wait at all (ms). */
  mostMs: number;
}

export const defaultBackoff: BackoffSettings = { firstMs: 1_000, mostMs: 60_000 };

/**
 * How long to wait before the next attempt (ms): anything up to a limit that doubles, so that devices that failed
 * together do not come back together. Source: "Exponential Backoff And Jitter", AWS Architecture Blog: full jitter.
 * @param failures in a row, from 1
 * @param random from 0 to 1
 */
export function fullJitter(failures: number, random: number, { firstMs, mostMs }: BackoffSettings): number {
  return random * Math.min(mostMs, firstMs * 2 ** Math.min(30, failures - 1));
}

/** What the server asks to wait is waited in full, and up to a fifth more: it asks many the same. */
export const asAsked = (retryAfterMs: number, random: number): number => retryAfterMs * (1 + random / 5);
