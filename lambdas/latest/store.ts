import { Unavailable } from '../contract/errors';
import type { Latest } from '../contract/hot/latest';
import { logError } from '../platform/log';
import { withTimeout } from '../platform/timeout';
import { ValkeyUnavailable } from '../platform/valkey';

/** How long the table may take (ms). */
const TABLE_TIMEOUT_MS = 1_500;

export const unavailable = () =>
  new Unavailable('latest_unavailable', 'Latest positions can’t be read right now. Try again soon.', 5);

/** @throws Unavailable (`latest_unavailable`) where Valkey is away */
export async function fromValkey<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ValkeyUnavailable)) throw error;
    throw unavailable();
  }
}

/** @returns nothing where Valkey is away, for whoever has another place to look */
export async function whereReached<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ValkeyUnavailable)) throw error;
    return undefined;
  }
}

/**
 * Reads the table where Valkey may be behind it. Where the table is away or slow, what Valkey has is good enough.
 * @throws Unavailable (`latest_unavailable`) where neither has anything
 */
export async function fromTable(
  read: (signal: AbortSignal) => Promise<Latest | undefined>,
  hot: Latest | undefined,
): Promise<Latest | undefined> {
  const gaveUp = new AbortController();
  try {
    return await withTimeout(read(gaveUp.signal), TABLE_TIMEOUT_MS, 'reading the end of a track');
  } catch (error) {
    logError('latest without the table', error);
    if (hot === undefined) throw unavailable();
    return undefined;
  } finally {
    gaveUp.abort();
  }
}
