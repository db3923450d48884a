import { readEnvironment } from '../platform/environment';
import { logError } from '../platform/log';
import { ValkeyUnavailable } from '../platform/valkey';
import { liveEnv } from './env';
import { openRoom } from './room';
import { sweep } from './sweep';

const room = openRoom(readEnvironment(liveEnv));

/** Frames are flushed until the next minute's sweep takes over. */
const FLUSH_MS = 60_000;

/** Once a minute. With Valkey away there is nothing to sweep and nothing to flush. */
export const handler = async (): Promise<void> => {
  try {
    const start = Date.now();
    await sweep(room, start);
    await room.delivery.flush(start + FLUSH_MS);
  } catch (error) {
    if (!(error instanceof ValkeyUnavailable)) throw error;
    logError('nothing was swept', error);
  }
};
