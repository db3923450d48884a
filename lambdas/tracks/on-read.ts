import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { httpHandler } from '../platform/http';
import { connectValkey } from '../platform/valkey';
import { toAnswer } from './answer';
import { tracksReadEnv } from './env';
import { negotiate } from './formats';
import { TrackReads } from './read-store';
import { TrackReader } from './reader';
import { toCursor, toDeviceRequest, toTrackRequest } from './request';

const env = readEnvironment(tracksReadEnv);
const reader = new TrackReader(new TrackReads(dynamodb(), env.TRACKS_TABLE), connectValkey(env));

/** GET /v1/devices/{id}/tracks and GET /v1/tracks/{owner}/{task} */
export const handler = httpHandler(async ({ path, query, headers, identity }) => {
  const request = path.task === undefined ? toDeviceRequest(path, query) : toTrackRequest(path, query);
  const format = request.format ?? negotiate(headers.accept);
  const page = await reader.page(request, format, identity);
  const next = page.next && toCursor(request.scope, page.next);
  return toAnswer(format, request.device, page, next, query);
});
