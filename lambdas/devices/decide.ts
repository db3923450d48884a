import type { z } from 'zod';
import type { KeyItem } from '../contract/device-key';
import type { newKeySchema } from '../contract/devices';
import { Forbidden } from '../contract/errors';
import { type Identity, requireRole } from '../contract/identity';

export type Wish = z.infer<typeof newKeySchema>;

/** Keys that one device may have at a time: a phone, its successor, a watch, a car. */
export const MOST_KEYS = 10;

const foreign = () => new Forbidden('not_yours', 'Keys of another device are an operator’s to issue and to see.');

/**
 * An operator issues keys for anyone; a device for itself as a device, and a feeder for itself as a feeder.
 * @returns the device that the key will report as
 * @throws Forbidden (`role_missing`, `not_yours`)
 */
export function holderOf({ deviceId, role, friends }: Wish, identity: Identity): string {
  requireRole(identity, 'operator', 'device', 'feeder');
  const holder = deviceId ?? identity.sub;
  if (identity.roles.has('operator')) return holder;
  if (holder !== identity.sub) throw foreign();
  requireRole(identity, role);
  // A friend is a position that is shown: whoever could name friends could follow anybody.
  if (friends) requireRole(identity, 'operator');
  return holder;
}

/** @throws Forbidden (`role_missing`, `not_yours`) unless the caller may see and revoke a device's keys */
export function mayManage(device: string, identity: Identity): void {
  requireRole(identity, 'operator', 'device', 'feeder');
  if (!identity.roles.has('operator') && device !== identity.sub) throw foreign();
}

/** @returns what may be told of a key: not its digest */
export function described({ key, role, name, friends, created }: KeyItem) {
  return {
    keyId: key,
    role,
    ...(name !== undefined && { name }),
    ...(friends !== undefined && { friends }),
    createdAt: created,
  };
}
