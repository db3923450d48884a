import type { App } from './app';
import { reportsOf } from './fields';
import { type Names, parametersOf, pointOf } from './parameters';

/** What the app calls `hdop` in the examples of its address is Android's accuracy, in metres. */
const names: Names = {
  time: ['timestamp'],
  lat: ['lat'],
  lon: ['lon'],
  accuracy: ['accuracy', 'acc', 'hdop'],
  speed: ['speed'],
  heading: ['bearing', 'heading'],
  altitude: ['altitude', 'alt'],
  battery: ['batt'],
};

/** m/s */
const METRES_A_SECOND = 1;

/**
 * OsmAnd's online tracking: its address has the values in places that one names oneself; milliseconds, m/s, degrees.
 * It sends a position again until it is answered with a 2xx. Source: osmandapp/OsmAnd, `LiveMonitoringHelper`.
 */
export const osmand: App = {
  role: 'device',
  read: (message) =>
    reportsOf(parametersOf(message).map((found) => pointOf(found, names, METRES_A_SECOND, message.now))),
  answer: ({ receipt }) => receipt,
};
