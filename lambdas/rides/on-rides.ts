import { Conflict, parseBody, parseParameters } from '../contract/errors';
import { type Identity, requireRole } from '../contract/identity';
import { limits } from '../contract/limits';
import { rideBodySchema, ridePathSchema, rideQuerySchema, ridesQuerySchema } from '../contract/rides';
import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { type HttpAnswer, type HttpRequest, httpHandler, json, readJson } from '../platform/http';
import { ridesEnv } from './env';
import { noRide, ownerOf, placeOfCursor, toCursor } from './request';
import { type StoredRide, toRide } from './ride';
import { RideStore } from './store';

const env = readEnvironment(ridesEnv);
const store = new RideStore(dynamodb(), env.RIDES_TABLE, env.RETENTION_DAYS);

/** @throws NotFound (`ride_not_found`) */
async function rideOf(device: string, task: string): Promise<{ place: string; ride: StoredRide }> {
  const place = await store.place({ device, task });
  const ride = place && (await store.load({ device, task }, place));
  if (!place || !ride) throw noRide();
  return { place, ride };
}

/** Begins a ride of the caller's; the same again changes nothing. */
async function begin({ event, identity, now }: HttpRequest): Promise<HttpAnswer> {
  requireRole(identity, 'device');
  const { task, activity } = parseBody(rideBodySchema, readJson(event, limits.bodyBytes));
  const track = { device: identity.sub, task };
  const known = await store.place(track);
  const place = known ?? (await store.claim(track, now));
  await store.begin(track, place, activity, now);
  const { head } = (await store.load(track, place)) ?? {};
  if (head === undefined) throw noRide();
  if (head.activity !== activity) {
    throw new Conflict('ride_exists', `The ride of this task is ${head.activity}: give another ride another task.`);
  }
  return json(known === undefined ? 201 : 200, head);
}

/** Says once that a ride is over. Points that come later are counted all the same. */
async function finish({ identity, path, now }: HttpRequest): Promise<HttpAnswer> {
  requireRole(identity, 'device');
  const { task } = parseParameters(ridePathSchema, path);
  const { place } = await rideOf(identity.sub, task);
  await store.finish({ device: identity.sub, task }, place, now);
  return json(200, (await rideOf(identity.sub, task)).ride.head);
}

async function one(identity: Identity, { path, query }: HttpRequest): Promise<HttpAnswer> {
  const { task } = parseParameters(ridePathSchema, path);
  const { owner } = parseParameters(rideQuerySchema, query);
  const { ride } = await rideOf(ownerOf(identity, owner), task);
  return json(200, toRide(ride));
}

async function history(identity: Identity, { query }: HttpRequest): Promise<HttpAnswer> {
  const { owner: named, cursor, limit } = parseParameters(ridesQuerySchema, query);
  const owner = ownerOf(identity, named);
  const { rides, next } = await store.list(owner, placeOfCursor(owner, cursor), limit);
  return json(200, { rides: rides.map(toRide), ...(next !== undefined && { next: toCursor(owner, next) }) });
}

/** POST /v1/rides, POST /v1/rides/{task}/finish, GET /v1/rides and GET /v1/rides/{task} */
export const handler = httpHandler((request) => {
  const { identity, path, route } = request;
  if (route.startsWith('POST')) return path.task === undefined ? begin(request) : finish(request);
  return path.task === undefined ? history(identity, request) : one(identity, request);
});
