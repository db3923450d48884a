import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { type HttpAnswer, type HttpRequest, httpHandler } from '../platform/http';
import { connectValkey } from '../platform/valkey';
import { toAnswer } from './answer';
import { goesOnByArrival, toArrivalCursor, toArrivalRequest } from './arrival';
import { ArrivalReader } from './arrival-reader';
import { JournalReads } from './arrival-store';
import { tracksReadEnv } from './env';
import { negotiate } from './formats';
import { TrackReads } from './read-store';
import { TrackReader } from './reader';
import { toCursor, toDeviceRequest, toTrackRequest } from './request';

const env = readEnvironment(tracksReadEnv);
const client = dynamodb();
const valkey = connectValkey(env);
const reads = new TrackReads(client, env.TRACKS_TABLE);
const reader = new TrackReader(reads, valkey);
const arrivals = new ArrivalReader(new JournalReads(client, env.RIDES_TABLE), reads, reader);

async function inOrderOfArrival({ path, query, headers, identity }: HttpRequest): Promise<HttpAnswer> {
  const request = toArrivalRequest(path, query);
  const format = request.format ?? negotiate(headers.accept);
  const { points, next } = await arrivals.page(request, format, identity);
  return toAnswer(format, request.device, { points }, toArrivalCursor(request.scope, next), query);
}

/** GET /v1/devices/{id}/tracks and GET /v1/tracks/{owner}/{task} */
export const handler = httpHandler(async (asked) => {
  const { path, query, headers, identity } = asked;
  const byArrival = query.order === undefined ? goesOnByArrival(query.cursor) : query.order === 'arrival';
  if (path.task !== undefined && byArrival) return inOrderOfArrival(asked);
  const request = path.task === undefined ? toDeviceRequest(path, query) : toTrackRequest(path, query);
  const format = request.format ?? (request.view === 'both' ? 'json' : negotiate(headers.accept));
  const page = await reader.page(request, format, identity);
  const next = page.next && toCursor(request.scope, page.next);
  return toAnswer(format, request.device, page, next, query);
});
