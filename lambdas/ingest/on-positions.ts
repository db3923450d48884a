import { limits } from '../contract/limits';
import { httpHandler, json, readJson } from '../platform/http';
import { admit, take } from './take';
import { wire } from './wiring';

const ingest = wire();

/** POST /v1/positions */
export const handler = httpHandler(async (request) => {
  await admit(ingest, request);
  return json(202, await take(ingest, readJson(request.event, limits.bodyBytes), request));
});
