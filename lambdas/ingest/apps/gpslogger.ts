import type { App } from './app';
import { reportsOf } from './fields';
import { type Names, parametersOf, pointOf } from './parameters';

const names: Names = {
  time: ['timestamp', 'time', 'timeoffset'],
  lat: ['lat', 'latitude'],
  lon: ['lon', 'long', 'longitude'],
  accuracy: ['acc', 'accuracy'],
  speed: ['spd', 's', 'speed'],
  heading: ['dir', 'direction', 'bearing'],
  altitude: ['alt', 'altitude'],
  battery: ['batt', 'battery'],
  activity: ['act', 'activity'],
};

/** m/s */
const METRES_A_SECOND = 1;

/**
 * GPSLogger for Android's custom URL, by GET or POST, in its query or its body: times in seconds (`%TIMESTAMP`) or
 * ISO 8601 (`%TIME`), m/s, degrees. Any 2xx is success. Source: mendhak/gpslogger, `CustomUrlManager`.
 */
export const gpslogger: App = {
  role: 'device',
  read: (message) =>
    reportsOf(parametersOf(message).map((found) => pointOf(found, names, METRES_A_SECOND, message.now))),
  answer: ({ receipt }) => receipt,
};
