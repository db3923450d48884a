import type { z } from 'zod';
import type { Latest } from '../contract/hot/latest';
import type { NearLatest } from '../contract/hot/near';
import type { NameAt } from '../contract/hot/pseudonym';
import type { Identity } from '../contract/identity';
import type { nearbySchema } from '../contract/reads';

/** Whether the caller may know where a device is: the device itself, an operator, and the feeder that reported it. */
export const mayRead = ({ sub, roles }: Identity, { device, by }: Latest): boolean =>
  sub === device || roles.has('operator') || (roles.has('feeder') && sub === by);

/** How operators know devices. */
export const trueNames: NameAt = (device) => device;

/** Whether a caller who knows devices by these names may see one; who is withheld must not even be missed in a list. */
export const shownBy =
  (nameAt: NameAt) =>
  ({ device, position }: Latest): boolean =>
    nameAt(device, position.time) !== undefined;

/** What the caller sees of nearby devices. @param nameAt their names for this caller */
export function toNearby(devices: readonly NearLatest[], nameAt: NameAt): z.infer<typeof nearbySchema> {
  const positions = devices.flatMap(({ device, distance, position: { time, lat, lon, speed, heading } }) => {
    const vehicle = nameAt(device, time);
    if (vehicle === undefined) return [];
    return {
      vehicle,
      distance: Math.round(distance * 1_000) / 1_000,
      time,
      lat,
      lon,
      ...(speed !== undefined && { speed }),
      ...(heading !== undefined && { heading }),
    };
  });
  return { positions };
}
