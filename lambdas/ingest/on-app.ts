import { readEnvironment } from '../platform/environment';
import { ItemReader } from '../platform/get-item';
import { openHandler } from '../platform/http';
import { Keys } from './apps/keys';
import { serve } from './apps/serve';
import { appEnv } from './env';
import { wire } from './wiring';

const env = readEnvironment(appEnv);
const door = { ...wire(), env, keys: new Keys(new ItemReader(env.KEYS_TABLE)) };

/** POST and GET /v1/apps/{app}, and /v1/apps/{app}/{key}: a device key in place of a token */
export const handler = openHandler((request) => serve(door, request));
