import type { PositionBatch } from '../contract/batch';
import type { Position, VehiclePosition } from '../contract/position';
import { inBox } from '../geo/area';
import type { LatLon } from '../geo/distance';
import type { Names, Subscription } from './subscription';

/** Where a device was last shown, and when (epoch ms). */
export interface Place extends LatLon {
  time: number;
}

/** A device that moved, or that fell silent: then it has no `after`. */
export interface Move {
  device: string;
  before?: Place;
  after?: Place & Pick<Position, 'speed' | 'heading'>;
  /** When it moved or was given up (epoch ms): of two changes of a vehicle, the later one counts. */
  at: number;
}

/** What one subscriber gets to know of one vehicle: where it is, or (without a position) that it left. */
export interface Change {
  vehicle: string;
  at: number;
  position?: VehiclePosition;
}

/** @returns the newest position of each device in the batches */
export function newestOf(batches: readonly PositionBatch[]): Map<string, Position> {
  const newest = new Map<string, Position>();
  for (const { device, points } of batches) {
    for (const point of points) {
      const known = newest.get(device);
      if (!known || point.time > known.time) newest.set(device, point);
    }
  }
  return newest;
}

/**
 * A move without what nobody is shown: a position from too long ago, or a place that was given up before.
 * @param freshSince older positions are stale @param keptSince older places have been forgotten (epoch ms)
 */
export function shown({ device, before, after, at }: Move, freshSince: number, keptSince: number): Move {
  return {
    device,
    at,
    ...(before && before.time >= keptSince && { before }),
    ...(after && after.time >= freshSince && { after }),
  };
}

/**
 * What a subscriber of one of the move's topics gets to know of it. A position has what the map shows and nothing
 * else: no device, no owner, no attributes.
 * @param nameAt the name that subscribers like this one know the device by, judged by a position's time; undefined
 * while it is withheld from them: what nobody was shown leaves nobody's view
 */
export function changesFor(
  { device, before, after, at }: Move,
  { follows, names }: Pick<Subscription, 'follows' | 'names'>,
  nameAt: NameFor,
): Change[] {
  const sees = (place: LatLon) => 'device' in follows || inBox(place, follows);
  const nameOf = (place: Place | undefined) => place && sees(place) && nameAt(device, names, place.time);
  const [was, is] = [nameOf(before), nameOf(after)];
  const changes: Change[] = [];
  if (was && was !== is) changes.push({ vehicle: was, at });
  if (is && after) changes.push({ vehicle: is, at, position: toVehicle(is, after) });
  return changes;
}

/** @returns what the map shows of a position, under this name */
export function toVehicle(vehicle: string, { time, lat, lon, speed, heading }: Position): VehiclePosition {
  return {
    vehicle,
    time,
    lat,
    lon,
    ...(speed !== undefined && { speed }),
    ...(heading !== undefined && { heading }),
  };
}

/** A client's changes: by subscription, then by vehicle. */
export type Changes = Map<Subscription, Map<string, Change>>;

/** What subscribers know a device by; undefined while it is withheld from them. */
export type NameFor = (device: string, names: Names, time: number) => string | undefined;

/**
 * Who gets to know what of the moves: by connection.
 * @param subscribers of each topic that has any
 * @param topicsOf the topics that a move concerns
 */
export function fanOut(
  moves: readonly Move[],
  subscribers: ReadonlyMap<string, readonly Subscription[]>,
  topicsOf: (move: Move) => Iterable<string>,
  nameAt: NameFor,
): Map<string, Changes> {
  const clients = new Map<string, Changes>();
  for (const move of moves) {
    for (const subscription of concerned(topicsOf(move), subscribers)) {
      for (const change of changesFor(move, subscription, nameAt)) {
        const client = getOr(clients, subscription.connection, () => new Map());
        getOr(client, subscription, () => new Map<string, Change>()).set(change.vehicle, change);
      }
    }
  }
  return clients;
}

/** Each subscription once, though it stands in the topic of the place before and of the place after. */
function concerned(topics: Iterable<string>, subscribers: ReadonlyMap<string, readonly Subscription[]>) {
  const found = new Set<Subscription>();
  for (const topic of topics) for (const subscription of subscribers.get(topic) ?? []) found.add(subscription);
  return found;
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
