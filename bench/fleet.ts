import { setTimeout as sleep } from 'node:timers/promises';
import type { Point } from '../lambdas/contract/position';
import { distance } from '../lambdas/geo/distance';
import { readDataset } from '../replay/datasets';
import type { Reporter } from '../replay/run';

/** A vehicle that follows a recorded trip, over and over. */
interface Vehicle {
  deviceId: string;
  path: readonly Omit<Point, 'time'>[];
  /** Milliseconds into the interval at which it reports. */
  phase: number;
  pending: Point[];
  step: number;
}

export interface FleetOptions {
  devices: number;
  /** Between two points of a device (ms). */
  intervalMs: number;
  pointsPerRequest: number;
}

/** Recorded Porto trips have a point each 15 s. */
const RECORDED_MS = 15_000;

type Place = { lat: number; lon: number };

/** The course from one place to another, degrees from north; as flat as a city is. */
function course(from: Place, to: Place): number {
  const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180);
  return (Math.round((Math.atan2(east, to.lat - from.lat) * 180) / Math.PI) + 360) % 360;
}

/** Where recorded samples were lost, the next one lies further off than a car gets (m/s). */
const FASTEST = 70;

/** A phone tells its speed and heading as well, which the recorded set lacks: they follow from the next point. */
function asPhone(places: readonly Place[]): Omit<Point, 'time'>[] {
  return places.map((place, index) => {
    const next = places[index + 1] ?? place;
    const speed = Math.round((distance(place, next) / RECORDED_MS) * 10_000) / 10;
    const known = speed <= FASTEST;
    return { lat: place.lat, lon: place.lon, accuracy: 5, heading: course(place, next), ...(known && { speed }) };
  });
}

/** Trips of Porto's taxis that are long enough to be followed, in the order of the set. */
async function trips(count: number): Promise<Place[][]> {
  const byTask = new Map<string, Place[]>();
  for (const { task, point } of await readDataset('porto')) {
    byTask.set(task, [...(byTask.get(task) ?? []), { lat: point.lat, lon: point.lon }]);
  }
  const long = [...byTask.values()].filter((places) => places.length >= 30);
  return Array.from({ length: count }, (_, index) => long[index % long.length] ?? []);
}

/** Vehicles that report in real time, each by itself, spread evenly over the interval. */
export class Fleet {
  private constructor(
    private readonly vehicles: readonly Vehicle[],
    private readonly options: FleetOptions,
  ) {}

  static async of(options: FleetOptions, name = 'cost'): Promise<Fleet> {
    const paths = await trips(options.devices);
    const vehicles = paths.map((places, index): Vehicle => {
      const phase = (index * options.intervalMs) / options.devices;
      return { deviceId: `${name}-${index}`, path: asPhone(places), phase, pending: [], step: index };
    });
    return new Fleet(vehicles, options);
  }

  /** Where vehicles are, for viewers to look at. */
  places(count: number): Place[] {
    return Array.from({ length: count }, (_, index) => {
      const { path = [], step = 0 } = this.vehicles[Math.floor((index * this.vehicles.length) / count)] ?? {};
      return path[step % path.length] ?? { lat: 41.15, lon: -8.61 };
    });
  }

  /** Drives for so long. @returns when all requests are answered */
  async drive(seconds: number, reporter: Reporter): Promise<void> {
    const { signal } = new AbortController();
    const start = Date.now();
    for (const vehicle of this.vehicles) this.rejoin(vehicle, start);
    const one = async (vehicle: Vehicle): Promise<void> => {
      const { intervalMs, pointsPerRequest } = this.options;
      for (let due = start + vehicle.phase; due < start + seconds * 1_000; due += intervalMs) {
        await sleep(Math.max(0, due - Date.now()));
        vehicle.pending.push({ time: Math.round(due), ...this.next(vehicle) });
        if (vehicle.pending.length < this.due(vehicle, pointsPerRequest)) continue;
        await reporter.report([{ deviceId: vehicle.deviceId, taskId: 'shift', points: vehicle.pending }], signal);
        vehicle.pending = [];
      }
    };
    await Promise.all(this.vehicles.map(one));
  }

  /** What waited since an earlier drive is dated to just before this one: a gap would lie in more rows than it should. */
  private rejoin(vehicle: Vehicle, start: number): void {
    const { intervalMs } = this.options;
    vehicle.pending = vehicle.pending.map((point, index, { length }) => ({
      ...point,
      time: Math.round(start + vehicle.phase - (length - index) * intervalMs),
    }));
  }

  private next(vehicle: Vehicle): Omit<Point, 'time'> {
    vehicle.step += 1;
    return vehicle.path[vehicle.step % vehicle.path.length] ?? { lat: 41.15, lon: -8.61 };
  }

  /** A vehicle's first request is shorter, so that not all of them are full at the same time. */
  private due(vehicle: Vehicle, pointsPerRequest: number): number {
    const first = vehicle.step - this.vehicles.indexOf(vehicle) <= pointsPerRequest;
    return first ? (this.vehicles.indexOf(vehicle) % pointsPerRequest) + 1 : pointsPerRequest;
  }
}
