import { randomBytes } from 'node:crypto';
import { digestOf, formatKey, KEY_BYTES, type KeyItem, newKey } from '../contract/device-key';
import { keyPathSchema, newKeySchema } from '../contract/devices';
import { NotFound, parseBody, parseParameters, Unprocessable } from '../contract/errors';
import { limits } from '../contract/limits';
import { devicePathSchema } from '../contract/reads';
import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { type HttpAnswer, type HttpRequest, httpHandler, json, readJson } from '../platform/http';
import { described, holderOf, MOST_KEYS, mayManage } from './decide';
import { devicesEnv } from './env';
import { DeviceKeys } from './store';

const env = readEnvironment(devicesEnv);
const keys = new DeviceKeys(dynamodb(), env.KEYS_TABLE);

const secret = { 'cache-control': 'no-store' };

/** Two that ask at the same moment may both get the last key there is: the limit is against mishaps, not to the letter. */
async function issue({ event, identity, now }: HttpRequest): Promise<HttpAnswer> {
  const wish = parseBody(newKeySchema, readJson(event, limits.bodyBytes));
  const device = holderOf(wish, identity);
  if ((await keys.list(device, MOST_KEYS)).length >= MOST_KEYS) {
    throw new Unprocessable('too_many_keys', `This device has ${MOST_KEYS} keys. Revoke one first.`);
  }
  const made = newKey(device, randomBytes(KEY_BYTES));
  const { role, name, friends } = wish;
  const item: KeyItem = { device, key: made.id, digest: digestOf(made.secret), role, name, friends, created: now };
  await keys.add(item);
  return json(201, { deviceId: device, key: formatKey(made), ...described(item) }, secret);
}

async function list({ path, identity }: HttpRequest): Promise<HttpAnswer> {
  const { id } = parseParameters(devicePathSchema, path);
  mayManage(id, identity);
  return json(200, { deviceId: id, keys: (await keys.list(id, MOST_KEYS)).map(described) });
}

async function revoke({ path, identity }: HttpRequest): Promise<HttpAnswer> {
  const { id, key } = parseParameters(keyPathSchema, path);
  mayManage(id, identity);
  if (await keys.revoke(id, key)) return { statusCode: 204 };
  throw new NotFound('This device has no such key.', 'key_not_found');
}

/** POST /v1/devices, GET /v1/devices/{id}/keys, DELETE /v1/devices/{id}/keys/{key} */
export const handler = httpHandler((request) => {
  if (request.route.startsWith('POST ')) return issue(request);
  return request.route.startsWith('DELETE ') ? revoke(request) : list(request);
});
