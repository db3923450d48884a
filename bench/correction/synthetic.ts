import type { Position } from '../../lambdas/contract/position';
import { planeAt } from '../../lambdas/correction/samples';
import { normal, seeded } from '../random';

/** How a made-up vehicle goes: straight on, round corners, and stopping. */
export interface Vehicle {
  name: 'car' | 'bike' | 'standing';
  /** m/s. */
  cruising: number;
  turning: number;
  /** m/s². */
  accelerates: number;
  brakes: number;
  /** Radius of a corner (m). */
  radius: number;
}

export const vehicles: Vehicle[] = [
  { name: 'car', cruising: 13, turning: 4.5, accelerates: 2, brakes: 2.5, radius: 10 },
  { name: 'bike', cruising: 5.5, turning: 3, accelerates: 1, brakes: 1.5, radius: 5 },
  { name: 'standing', cruising: 0, turning: 0, accelerates: 1, brakes: 1, radius: 1 },
];

/** Where a vehicle truly was: seconds and metres. */
export interface Truth {
  t: number;
  x: number;
  y: number;
}

const TICK = 0.1;

interface Moving {
  x: number;
  y: number;
  heading: number;
  speed: number;
}

interface Leg {
  /** Metres to go, and at which speed at their end. */
  metres: number;
  endSpeed: number;
  /** Radians a metre. */
  bend: number;
  /** Seconds to stand at the end. */
  stop: number;
  top: number;
}

/** Blocks of a town: a straight, then a corner either way, straight on, or a wait at a light. */
function* legs(vehicle: Vehicle, random: () => number): Generator<Leg> {
  const { cruising, turning, radius } = vehicle;
  for (;;) {
    const metres = 60 + 240 * random();
    const next = random();
    const straight = { metres, bend: 0, top: cruising * (0.7 + 0.3 * random()) };
    if (next < 0.25) yield { ...straight, endSpeed: 0, stop: 10 + 50 * random() };
    else if (next < 0.45) yield { ...straight, endSpeed: cruising, stop: 0 };
    else {
      yield { ...straight, endSpeed: turning, stop: 0 };
      const bend = (random() < 0.5 ? 1 : -1) / radius;
      yield { metres: (radius * Math.PI) / 2, bend, endSpeed: turning, stop: 0, top: turning };
    }
  }
}

function step(moving: Moving, leg: Leg, left: number, { accelerates, brakes }: Vehicle): number {
  const allowed = Math.min(leg.top, Math.sqrt(leg.endSpeed ** 2 + 2 * brakes * Math.max(0, left)));
  moving.speed = Math.max(0, Math.min(moving.speed + accelerates * TICK, allowed));
  const metres = moving.speed * TICK;
  moving.heading += leg.bend * metres;
  moving.x += Math.sin(moving.heading) * metres;
  moving.y += Math.cos(moving.heading) * metres;
  return metres;
}

/** A drive of so many seconds, each tenth of them. */
export function drive(vehicle: Vehicle, seconds: number, seed: number): Truth[] {
  const random = seeded(seed);
  const moving: Moving = { x: 0, y: 0, heading: 2 * Math.PI * random(), speed: 0 };
  const ticks = Math.round(seconds / TICK);
  const truth: Truth[] = [];
  const note = () => truth.push({ t: truth.length * TICK, x: moving.x, y: moving.y });
  for (const leg of legs(vehicle, random)) {
    let left = leg.metres;
    while (left > 0.05 && truth.length < ticks && vehicle.cruising > 0) {
      const gone = step(moving, leg, left, vehicle);
      left -= gone;
      note();
      if (gone < 0.01 && leg.endSpeed === 0) break;
    }
    if (leg.endSpeed === 0) moving.speed = 0;
    const standing = vehicle.cruising > 0 ? leg.stop : seconds;
    for (let waited = 0; waited < standing && truth.length < ticks; waited += TICK) note();
    if (truth.length >= ticks) return truth;
  }
  return truth;
}

/** How a receiver errs. */
export interface Receiver {
  /** Standard deviation of each axis (m). */
  sigma: number;
  /** Seconds after which an error is forgotten: 0 for errors that know nothing of each other. */
  remembers: number;
  /** Seconds between points. */
  interval: number;
}

/** Any place will do. */
const plane = planeAt({ lat: 41.15, lon: -8.61 });
/** Any full minute. */
export const START = 1_500_000_000_000 - (1_500_000_000_000 % 60_000);

export interface Seen {
  raw: Position[];
  /** Where the device was at the time of each raw point, on the plane. */
  truth: Truth[];
}

/** What a receiver tells of a drive. */
export function receive(truth: readonly Truth[], { sigma, remembers, interval }: Receiver, seed: number): Seen {
  const random = seeded(seed);
  const kept = remembers === 0 ? 0 : Math.exp(-interval / remembers);
  const fresh = sigma * Math.sqrt(1 - kept * kept);
  const every = Math.round(interval / TICK);
  const error = { x: sigma * normal(random), y: sigma * normal(random) };
  const chosen = truth.filter((_, index) => index % every === 0);
  const raw = chosen.map(({ t, x, y }) => {
    error.x = kept * error.x + fresh * normal(random);
    error.y = kept * error.y + fresh * normal(random);
    return { time: START + Math.round(t * 1_000), ...plane.toSphere(x + error.x, y + error.y) };
  });
  return { raw, truth: chosen };
}

/** Metres between each point and where the device was then. */
export function errorsOf(points: readonly Position[], truth: readonly Truth[]): number[] {
  const byTime = new Map(points.map((point) => [point.time, plane.toPlane(point)]));
  return truth.flatMap(({ t, x, y }) => {
    const place = byTime.get(START + Math.round(t * 1_000));
    return place ? [Math.hypot(place.x - x, place.y - y)] : [];
  });
}
