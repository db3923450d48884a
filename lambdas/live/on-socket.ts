import { readEnvironment } from '../platform/environment';
import { socketHandler } from '../platform/socket';
import { liveEnv } from './env';
import { messages } from './messages';
import { openRoom } from './room';

/** The messages of the live map, and every message that no other area takes. */
export const handler = socketHandler(messages(openRoom(readEnvironment(liveEnv))));
