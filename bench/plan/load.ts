/** What a deployment is to carry. */
export interface Load {
  /** Devices that report at the same time. */
  devices: number;
  /** Seconds between two points of a device. */
  intervalSeconds: number;
  /** Points that a device puts into one request. */
  pointsPerRequest: number;
  /** Clients that watch a map at the same time. */
  viewers: number;
  /** Vehicles that a viewer's map shows. */
  vehiclesInView: number;
  /** Days that history is kept and searched. */
  days: number;
  /** Cities, each with an index a day. */
  cities: number;
  /** The part of a day at which so many devices report, 0 to 1: the rest of it nobody does. */
  activeShare: number;
  /** Seconds that the tracks consumer gathers for. */
  windowSeconds: number;
}

export const usual: Omit<Load, 'devices' | 'intervalSeconds'> = {
  pointsPerRequest: 1,
  viewers: 0,
  vehiclesInView: 20,
  days: 30,
  cities: 1,
  activeShare: 0.5,
  windowSeconds: 5,
};

export const positionsPerSecond = ({ devices, intervalSeconds }: Load): number => devices / intervalSeconds;
export const requestsPerSecond = (load: Load): number => positionsPerSecond(load) / load.pointsPerRequest;
