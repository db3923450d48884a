import { z } from 'zod';
import type { Box } from '../geo/area';

/** How a subscriber knows vehicles: operators by their true ids, viewers by pseudonyms that rotate. */
export type Names = 'true' | 'pseudonym';

/**
 * What a client follows: a box of the map, or one device. It travels whole as a member of its topics' sets, so that
 * a fan-out needs no second look-up.
 */
export interface Subscription {
  connection: string;
  /** Chosen by the client, unique within the connection. */
  id: string;
  names: Names;
  /** Tells this subscription from an earlier one of the same id, whose remains may still stand in a topic. */
  nonce: string;
  follows: Box | { device: string };
}

/** `connection|id|t or p|nonce|west,south,east,north`, or the device in place of the box; no part may have a bar. */
export function encodeSubscription({ connection, id, names, nonce, follows }: Subscription): string {
  const what = 'device' in follows ? follows.device : [follows.west, follows.south, follows.east, follows.north].join();
  return [connection, id, names === 'true' ? 't' : 'p', nonce, what].join('|');
}

const boxSchema = z.tuple([z.coerce.number(), z.coerce.number(), z.coerce.number(), z.coerce.number()]);
const memberSchema = z.tuple([z.string(), z.string(), z.enum(['t', 'p']), z.string(), z.string()]);

/** @throws ZodError where the member is none of ours */
export function decodeSubscription(member: string): Subscription {
  const [connection, id, names, nonce, what] = memberSchema.parse(member.split('|'));
  return { connection, id, names: names === 't' ? 'true' : 'pseudonym', nonce, follows: decodeFollowed(what) };
}

/** An id never has a comma, a box always has. */
function decodeFollowed(what: string): Subscription['follows'] {
  if (!what.includes(',')) return { device: what };
  const [west, south, east, north] = boxSchema.parse(what.split(','));
  return { west, south, east, north };
}
