import { randomUUID } from 'node:crypto';
import { NotFound, parseBody, parseParameters } from '../contract/errors';
import { requireRole } from '../contract/identity';
import { importPathSchema, importRequestSchema } from '../contract/imports';
import { limits } from '../contract/limits';
import { readEnvironment } from '../platform/environment';
import { type HttpAnswer, type HttpRequest, httpHandler, json, readJson } from '../platform/http';
import { NoSuchObject, Objects } from '../platform/objects';
import { asOf } from './decide';
import { importEnv } from './env';
import { Imports } from './store';

const imports = new Imports(new Objects(readEnvironment(importEnv)));

/** POST /v1/rides/import and GET /v1/imports/{id} */
export const handler = httpHandler((request) => {
  requireRole(request.identity, 'device');
  return request.path.id === undefined ? begin(request) : report(request);
});

async function begin({ event, identity, now }: HttpRequest): Promise<HttpAnswer> {
  const { size } = parseBody(importRequestSchema, readJson(event, limits.bodyBytes));
  const id = randomUUID();
  const key = { owner: identity.sub, id };
  // First the report: whoever has the id finds it.
  await imports.write(key, { id, state: 'waiting', createdAt: now });
  const upload = await imports.uploadUrl(key, size, now);
  return json(201, { id, upload: { method: 'PUT', ...upload } }, { location: `/v1/imports/${id}` });
}

async function report({ path, identity, now }: HttpRequest): Promise<HttpAnswer> {
  const { id } = parseParameters(importPathSchema, path);
  const known = await imports.read({ owner: identity.sub, id }).catch((error: unknown) => {
    throw error instanceof NoSuchObject ? new NotFound('There is no such import.', 'import_not_found') : error;
  });
  return json(200, asOf(known, now));
}
