import { NotFound, parseParameters } from '../contract/errors';
import { readLatest } from '../contract/hot/latest';
import { devicePathSchema } from '../contract/reads';
import { readEnvironment } from '../platform/environment';
import { httpHandler, json } from '../platform/http';
import { connectValkey } from '../platform/valkey';
import { mayRead } from './decide';
import { latestEnv } from './env';
import { fromValkey } from './store';

const valkey = connectValkey(readEnvironment(latestEnv), { commandTimeoutMs: 1_000 });

/** GET /v1/devices/{id}/position */
export const handler = httpHandler(async ({ path, identity }) => {
  const { id } = parseParameters(devicePathSchema, path);
  const latest = (await fromValkey(() => readLatest(valkey, [id]))).get(id);
  if (latest === undefined || !mayRead(identity, latest)) {
    throw new NotFound('There is no recent position of such a device.', 'position_not_found');
  }
  return json(200, { device: id, task: latest.task, ...latest.position });
});
