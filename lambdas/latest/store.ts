import { Unavailable } from '../contract/errors';
import { ValkeyUnavailable } from '../platform/valkey';

/** @throws Unavailable (`latest_unavailable`) where Valkey is away */
export async function fromValkey<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ValkeyUnavailable)) throw error;
    throw new Unavailable('latest_unavailable', 'Latest positions can’t be read right now. Try again soon.', 5);
  }
}
