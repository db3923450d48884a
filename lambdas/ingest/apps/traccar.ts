import type { App, Candidate, Message } from './app';
import { locationsOf } from './background-geolocation';
import { KNOT, reportsOf } from './fields';
import { jsonOf } from './json';
import { type Names, type Parameters, parametersOf, pointOf } from './parameters';

const names: Names = {
  time: ['timestamp'],
  lat: ['lat'],
  lon: ['lon'],
  accuracy: ['accuracy'],
  speed: ['speed'],
  heading: ['bearing', 'heading'],
  altitude: ['altitude'],
  battery: ['batt'],
};

/** Some trackers write `location=60.0,30.0`. */
function placed(found: Parameters): Parameters {
  if (found.lat !== undefined || typeof found.location !== 'string') return found;
  const [lat, lon] = found.location.split(',');
  return { ...found, lat, lon };
}

const isValid = ({ valid }: Parameters) => valid === undefined || ['true', '1'].includes(String(valid));

/** From its version 9 on Traccar Client posts what its location library makes; later ones lists of flat objects. */
function pointsOf(message: Message): Candidate[] {
  if (message.body.subarray(0, 64).toString('utf8').trimStart().startsWith('{')) {
    const value = jsonOf(message);
    if (typeof value === 'object' && value !== null && 'location' in value) return locationsOf(value);
  }
  return parametersOf(message)
    .filter(isValid)
    .map((found) => pointOf(placed(found), names, KNOT, message.now));
}

/**
 * Traccar Client, and trackers that speak its protocol: a query string or a form by GET or POST, times in seconds,
 * milliseconds or ISO 8601, speeds in knots. `id` is not looked at: the key says whose points they are. Any 2xx is
 * success. Sources: traccar.org, "OsmAnd"; traccar/traccar, `OsmAndProtocolDecoder`; traccar/traccar-client-android,
 * `ProtocolFormatter`; traccar/traccar-client-sdk, `HttpUploader`.
 */
export const traccar: App = {
  role: 'device',
  read: (message) => reportsOf(pointsOf(message)),
  answer: ({ receipt }) => receipt,
};
