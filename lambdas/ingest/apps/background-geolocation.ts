import { z } from 'zod';
import type { App, Candidate } from './app';
import { candidate, number, percent, reportsOf, timeOf, word } from './fields';
import { jsonOf, understood } from './json';

const locationSchema = z.looseObject({
  timestamp: z.unknown(),
  coords: z.looseObject({}),
  activity: z.looseObject({ type: z.unknown() }).optional().catch(undefined),
  battery: z.looseObject({ level: z.unknown(), is_charging: z.unknown() }).optional().catch(undefined),
});

const envelopeSchema = z.looseObject({ location: z.union([locationSchema, z.array(locationSchema)]) });
/** `httpRootProperty: '.'` leaves the envelope out. */
const bodySchema = z.union([
  envelopeSchema.transform(({ location }) => location),
  locationSchema,
  z.array(locationSchema),
]);

function pointOf({ timestamp, coords, activity, battery }: z.infer<typeof locationSchema>): Candidate {
  return candidate({
    time: timeOf(timestamp),
    lat: number(coords.latitude),
    lon: number(coords.longitude),
    accuracy: number(coords.accuracy),
    speed: number(coords.speed),
    heading: number(coords.heading),
    altitude: number(coords.ellipsoidal_altitude) ?? number(coords.altitude),
    attributes: {
      battery: percent(number(battery?.level)),
      charging: typeof battery?.is_charging === 'boolean' ? battery.is_charging : undefined,
      activity: word(activity?.type),
    },
  });
}

/** @returns the points of a body, alone or in a batch. @throws BadRequest */
export function locationsOf(value: unknown): Candidate[] {
  const found = understood(bodySchema, value, 'background-geolocation');
  return (Array.isArray(found) ? found : [found]).map(pointOf);
}

/**
 * What apps post that are built with transistorsoft's background-geolocation: SI units, ISO 8601 times, −1 for what is
 * unknown, one location or, with `batchSync`, many. Any 2xx is success. Source: transistorsoft/cordova-background-
 * geolocation-lt, "Location Data Schema"; react-native-background-geolocation, interfaces `Location` and `HttpConfig`.
 */
export const backgroundGeolocation: App = {
  role: 'device',
  read: (message) => reportsOf(locationsOf(jsonOf(message))),
  answer: ({ receipt }) => receipt,
};
