import { readEnvironment } from '../platform/environment';
import { logError } from '../platform/log';
import { ValkeyUnavailable } from '../platform/valkey';
import { liveEnv } from './env';
import { openRoom } from './room';
import { sweep } from './sweep';

const room = openRoom(readEnvironment(liveEnv));

/** Once a minute. With Valkey away there is nothing to sweep. */
export const handler = async (): Promise<void> => {
  try {
    await sweep(room, Date.now());
  } catch (error) {
    if (!(error instanceof ValkeyUnavailable)) throw error;
    logError('nothing was swept', error);
  }
};
