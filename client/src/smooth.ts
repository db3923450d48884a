import type { Frame, VehiclePosition } from './live';
import type { Names } from './live-socket';
import { metresBetween, offsetMetres, type Place, placeAt } from './point';

/** A vehicle as it is to be drawn. */
export interface Drawn extends Place {
  vehicle: string;
  /** Degrees clockwise from north: as reported, or the direction of its last movement. */
  heading: number | undefined;
  /** Its newest position as reported. */
  position: VehiclePosition;
}

interface Moving {
  position: VehiclePosition;
  from: Place;
  heading: number | undefined;
  /** When the movement from `from` to the position began, and how long it takes (ms). */
  startedAt: number;
  takes: number;
}

export interface SmoothSettings {
  /** Bounds of how long a movement is drawn (ms): within them as long as lay between the two reports. */
  leastMs: number;
  mostMs: number;
  /** A move of more is a jump, not a drive (m). */
  jumpMetres: number;
}

const defaults: SmoothSettings = { leastMs: 200, mostMs: 20_000, jumpMetres: 2_000 };
/** Below this there is no direction to tell (m). */
const STILL_METRES = 2;

function direction(from: Place, to: Place): number | undefined {
  const { east, north } = offsetMetres(from, to);
  if (Math.hypot(east, north) < STILL_METRES) return undefined;
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/**
 * Vehicles that move smoothly from where they are drawn to where they were reported last, over the time between the
 * two reports. Times are milliseconds of any one clock, but for `expire`.
 */
export class Smooth {
  private readonly vehicles = new Map<string, Moving>();
  private names: Names | undefined;
  private readonly settings: SmoothSettings;

  constructor(settings: Partial<SmoothSettings> = {}) {
    this.settings = { ...defaults, ...settings };
  }

  /** Takes a frame in; a snapshot replaces everything. A position older than the one shown changes nothing. */
  apply(frame: Frame, now: number): void {
    if (frame.type === 'snapshot') {
      const inView = new Set(frame.positions.map(({ vehicle }) => vehicle));
      for (const id of this.vehicles.keys()) if (!inView.has(id)) this.vehicles.delete(id);
      this.names = frame.names;
    }
    for (const id of frame.left) this.vehicles.delete(id);
    for (const position of frame.positions) this.move(position, now);
  }

  /** Forgets vehicles whose pseudonyms are over at the server's time (epoch ms): no frame says that they left. */
  expire(serverNow: number): void {
    if (!this.names || serverNow < this.names.until) return;
    const { until, everyMs } = this.names;
    const over = until + Math.floor((serverNow - until) / everyMs) * everyMs;
    for (const [id, { position }] of this.vehicles) if (position.time < over) this.vehicles.delete(id);
    this.names = { until: over + everyMs, everyMs };
  }

  /** @returns every vehicle where it is to be drawn */
  at(now: number): Drawn[] {
    return [...this.vehicles].map(([vehicle, moving]) => ({
      vehicle,
      ...drawnAt(moving, now),
      heading: moving.heading,
      position: moving.position,
    }));
  }

  private move(position: VehiclePosition, now: number): void {
    const known = this.vehicles.get(position.vehicle);
    if (known && position.time <= known.position.time) return;
    const from = known ? drawnAt(known, now) : position;
    const jumps = metresBetween(from, position) > this.settings.jumpMetres;
    const heading = position.heading ?? direction(known?.position ?? position, position) ?? known?.heading;
    const between = known ? position.time - known.position.time : 0;
    const takes = Math.min(this.settings.mostMs, Math.max(this.settings.leastMs, between));
    this.vehicles.set(position.vehicle, { position, from: jumps ? position : from, heading, startedAt: now, takes });
  }
}

function drawnAt({ position, from, startedAt, takes }: Moving, now: number): Place {
  const part = Math.min(1, Math.max(0, (now - startedAt) / takes));
  return placeAt({ ...from, time: 0 }, { ...position, time: 1 }, part);
}
