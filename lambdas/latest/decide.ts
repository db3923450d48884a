import type { z } from 'zod';
import type { Latest } from '../contract/hot/latest';
import type { NearLatest } from '../contract/hot/near';
import type { Identity } from '../contract/identity';
import type { nearbySchema } from '../contract/reads';

/** Whether the caller may know where a device is: the device itself, an operator, and the feeder that reported it. */
export const mayRead = ({ sub, roles }: Identity, { device, by }: Latest): boolean =>
  sub === device || roles.has('operator') || (roles.has('feeder') && sub === by);

/** What the caller sees of nearby devices. @param nameOf a device's name for this caller */
export function toNearby(
  devices: readonly NearLatest[],
  nameOf: (device: string) => string,
): z.infer<typeof nearbySchema> {
  const positions = devices.map(({ device, distance, position: { time, lat, lon, speed, heading } }) => ({
    vehicle: nameOf(device),
    distance: Math.round(distance * 1_000) / 1_000,
    time,
    lat,
    lon,
    ...(speed !== undefined && { speed }),
    ...(heading !== undefined && { heading }),
  }));
  return { positions };
}
