import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../contract/cursor';
import { Forbidden, NotFound } from '../contract/errors';
import type { Identity } from '../contract/identity';

/** Where a list of rides goes on: behind the ride at this place. */
const stateSchema = z.strictObject({
  kind: z.literal('rides'),
  after: z
    .string()
    .regex(/^\d{13}#/)
    .max(80),
});

const scopeOf = (owner: string) => ['rides', owner];

export const toCursor = (owner: string, after: string): string =>
  encodeCursor(scopeOf(owner), { kind: 'rides', after });

/** @throws BadRequest `invalid_cursor`, `foreign_cursor` */
export const placeOfCursor = (owner: string, cursor: string | undefined): string | undefined =>
  cursor === undefined ? undefined : decodeCursor(scopeOf(owner), cursor, stateSchema).after;

export const noRide = (): NotFound => new NotFound('There is no such ride.', 'ride_not_found');

/**
 * Whose rides are asked for: the caller's own, and for an operator whose it names.
 * @throws Forbidden (`not_yours`)
 */
export function ownerOf(identity: Identity, owner: string | undefined): string {
  if (owner === undefined || owner === identity.sub) return identity.sub;
  if (identity.roles.has('operator')) return owner;
  throw new Forbidden('not_yours', 'Rides are for their owner and for operators.');
}
