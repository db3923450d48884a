import type { VehiclePosition } from '../lambdas/contract/position';

/** A place as the map wants it: `[lon, lat]` in degrees. */
export type LonLat = [number, number];

/** What a frame of the live map says. */
interface LiveFrame {
  type: string;
  positions: VehiclePosition[];
  left: string[];
  names?: { until: number; everyMs: number } | undefined;
}

interface Vehicle {
  position: VehiclePosition;
  from: LonLat;
  to: LonLat;
  /** When the movement from `from` to `to` began, and how long it takes (ms). */
  startedAt: number;
  takes: number;
  /** Where it was, oldest first. */
  trail: LonLat[];
}

export interface Shown {
  position: VehiclePosition;
  at: LonLat;
  /** Degrees clockwise from north; as reported, or the direction of its last movement. */
  heading: number | undefined;
  trail: LonLat[];
}

/** Movement between two frames is drawn in the time that lay between them, within these bounds (ms). */
const PACE = { least: 200, most: 4_000 };
const TRAIL_LENGTH = 24;
/** Moves of more than this are jumps, not drives: half a degree. */
const JUMP_DEGREES = 0.5;
/** Below this there is no direction to tell: about a metre. */
const STILL_DEGREES = 1e-5;

const between = (vehicle: Vehicle, now: number): LonLat => {
  const part = Math.min(1, Math.max(0, (now - vehicle.startedAt) / vehicle.takes));
  const [fromLon, fromLat] = vehicle.from;
  const [toLon, toLat] = vehicle.to;
  return [fromLon + (toLon - fromLon) * part, fromLat + (toLat - fromLat) * part];
};

/** Bearing in degrees of a short movement, on the plane. */
function direction([fromLon, fromLat]: LonLat, [toLon, toLat]: LonLat): number | undefined {
  const east = (toLon - fromLon) * Math.cos((toLat * Math.PI) / 180);
  const north = toLat - fromLat;
  if (Math.hypot(east, north) < STILL_DEGREES) return undefined;
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/** The vehicles in view, each moving smoothly to its newest position. Times are ms of any one clock. */
export class Vehicles {
  private readonly byId = new Map<string, Vehicle>();
  /** Where vehicles go by pseudonyms: when these end (epoch ms by the server's clock), and how long each lasts. */
  private names: LiveFrame['names'];

  get size(): number {
    return this.byId.size;
  }

  /** Takes a frame in; a snapshot replaces everything. Positions older than the one shown are left out. */
  apply(frame: LiveFrame, now: number): void {
    if (frame.type === 'snapshot') {
      this.keepOnly(new Set(frame.positions.map(({ vehicle }) => vehicle)));
      this.names = frame.names;
    }
    for (const id of frame.left) this.byId.delete(id);
    for (const position of frame.positions) this.move(position, now);
  }

  /** Forgets vehicles whose names are over at the server's `serverNow` (epoch ms): no frame says that they left. */
  expire(serverNow: number): void {
    if (!this.names || serverNow < this.names.until) return;
    const { until, everyMs } = this.names;
    const over = until + Math.floor((serverNow - until) / everyMs) * everyMs;
    for (const [id, { position }] of this.byId) if (position.time < over) this.byId.delete(id);
    this.names = { until: over + everyMs, everyMs };
  }

  /** @returns each vehicle where it is drawn at `now` */
  at(now: number): Shown[] {
    return [...this.byId.values()].map((vehicle) => ({
      position: vehicle.position,
      at: between(vehicle, now),
      heading: vehicle.position.heading ?? direction(vehicle.from, vehicle.to),
      trail: vehicle.trail,
    }));
  }

  get(id: string): Shown | undefined {
    const vehicle = this.byId.get(id);
    return (
      vehicle && { position: vehicle.position, at: vehicle.to, heading: vehicle.position.heading, trail: vehicle.trail }
    );
  }

  /** @returns the median age of the positions shown, in ms, at the server's `serverNow`; undefined where there are none */
  age(serverNow: number): number | undefined {
    const ages = [...this.byId.values()].map(({ position }) => serverNow - position.time).sort((a, b) => a - b);
    return ages[ages.length >> 1];
  }

  private keepOnly(ids: Set<string>): void {
    for (const id of this.byId.keys()) if (!ids.has(id)) this.byId.delete(id);
  }

  private move(position: VehiclePosition, now: number): void {
    const known = this.byId.get(position.vehicle);
    const to: LonLat = [position.lon, position.lat];
    if (!known) {
      this.byId.set(position.vehicle, { position, from: to, to, startedAt: now, takes: PACE.least, trail: [to] });
      return;
    }
    if (position.time <= known.position.time) return;
    const jump = Math.hypot(to[0] - known.to[0], to[1] - known.to[1]) > JUMP_DEGREES;
    this.byId.set(position.vehicle, {
      position,
      from: jump ? to : between(known, now),
      to,
      startedAt: now,
      takes: Math.min(PACE.most, Math.max(PACE.least, now - known.startedAt)),
      trail: jump ? [to] : [...known.trail, to].slice(-TRAIL_LENGTH),
    });
  }
}
