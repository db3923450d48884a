import { z } from 'zod';

/** Ids of devices, owners and tasks. `#`, `/`, `*`, `?` and blanks are never part of one, so that keys and policies can join them. */
export const idSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'an id has 1 to 64 characters out of A–Z, a–z, 0–9, _ . : -')
  .meta({ id: 'Id', description: 'An id: 1 to 64 characters out of A–Z, a–z, 0–9, _ . : -', example: 'taxi-20000589' });

export type Id = z.infer<typeof idSchema>;

/** Chosen by the client: it comes back with every frame that answers it. */
export const subscriptionIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,32}$/, 'an id of a subscription has 1 to 32 characters out of A–Z, a–z, 0–9, _ . : -');
