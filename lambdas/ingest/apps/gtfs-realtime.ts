import { createHash } from 'node:crypto';
import { limits } from '../../contract/limits';
import type { App, AppReport } from './app';
import { candidate, slices, timeOf, word } from './fields';
import { type Field, fieldsOf, float, integer, message, messages, text } from './protobuf';

/** Numbers of fields. Source: google/transit, `gtfs-realtime.proto`, version 2.0. */
const feed = { header: 1, entity: 2 };
const header = { timestamp: 3 };
const entity = { id: 1, isDeleted: 2, vehicle: 4 };
const vehiclePosition = { trip: 1, position: 2, timestamp: 5, vehicle: 8 };
const vehicleDescriptor = { id: 1 };
const tripDescriptor = { tripId: 1, startDate: 3, routeId: 5 };
const position = { latitude: 1, longitude: 2, bearing: 3, speed: 5 };

type Entry = Extract<AppReport, { devices: unknown }>['devices'][number];

const MOST = 64;

/** @returns an id of ours; where it had to be changed, with a digest, so that two never become one */
export function idOf(prefix: string, name: string): string {
  const whole = prefix + name;
  const plain = whole.replaceAll(/[^A-Za-z0-9_.:-]/g, '_');
  if (plain === whole && whole.length <= MOST) return whole;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 12);
  return `${plain.slice(0, MOST - digest.length - 1)}-${digest}`;
}

/** A trip runs once a day: its id and its day name what the points belong to. */
function taskOf(trip: readonly Field[]): string | undefined {
  const id = text(trip, tripDescriptor.tripId);
  if (!id) return undefined;
  const day = text(trip, tripDescriptor.startDate);
  return idOf('', day ? `${id}.${day}` : id);
}

/** @returns nothing for an entity without a position */
function entryOf(fields: readonly Field[], sender: string, feedTime: number | undefined): Entry[] {
  const vehicle = message(fields, entity.vehicle);
  const place = vehicle && message(vehicle, vehiclePosition.position);
  if (!place || integer(fields, entity.isDeleted)) return [];
  const trip = message(vehicle, vehiclePosition.trip) ?? [];
  const described = message(vehicle, vehiclePosition.vehicle) ?? [];
  const name = text(described, vehicleDescriptor.id) || text(fields, entity.id) || '';
  const taskId = taskOf(trip);
  const point = candidate({
    time: timeOf(integer(vehicle, vehiclePosition.timestamp) || feedTime),
    lat: float(place, position.latitude),
    lon: float(place, position.longitude),
    heading: float(place, position.bearing),
    speed: float(place, position.speed),
    attributes: { route: word(text(trip, tripDescriptor.routeId)) },
  });
  return [{ deviceId: idOf(`${sender}:`, name), ...(taskId !== undefined && { taskId }), points: [point] }];
}

/**
 * A GTFS-Realtime feed of vehicle positions, posted as it was fetched: seconds, m/s, degrees. A vehicle's id is unique
 * within its feed alone, so the feeder's own id goes before it. Trip updates and alerts are passed over. Source:
 * google/transit, "GTFS Realtime Reference" and "Vehicle Positions".
 */
export const gtfsRealtime: App = {
  role: 'feeder',
  read({ body, sender }) {
    const fields = fieldsOf(body);
    const feedTime = integer(message(fields, feed.header) ?? [], header.timestamp);
    const entries = messages(fields, feed.entity).flatMap((each) => entryOf(fieldsOf(each), sender, feedTime));
    return slices(entries, limits.devicesPerRequest).map((devices) => ({ devices }));
  },
  answer: ({ receipt }) => receipt,
};
