import type { z } from 'zod';
import { BadRequest, Forbidden } from '../contract/errors';
import type { Identity } from '../contract/identity';
import { limits } from '../contract/limits';
import type { searchQuerySchema } from '../contract/reads';
import { DAY_MS } from '../contract/time';
import type { LatLon } from '../geo/distance';
import { type Area, isSimple, lonSpan } from './areas';

type SearchQuery = Omit<z.infer<typeof searchQuerySchema>, 'cursor'>;

/** What is looked for: positions with `from` ≤ time < `to`, of the devices, in the area. */
export interface Search {
  from: number;
  to: number;
  /** Undefined: every device's. */
  devices: readonly string[] | undefined;
  area: Area | undefined;
  sort: 'time' | '-time' | 'distance';
  /** Where distances are measured from; set where `sort` is `distance`. */
  near: LatLon | undefined;
  limit: number;
}

/** The longest range of one search, in days. */
export const MAX_DAYS = 31;

/** Further than any place is from any other (m). */
const HALF_ROUND_THE_WORLD = 20_020_000;

/** Names a parameter as the caller wrote it: `?box` in a query, `/box` in a message. */
type Pointer = (name: string) => string;

/** Reads the figures of a parameter; knows what to call it when they are wrong. */
class Figures {
  constructor(
    private readonly name: string,
    private readonly pointer: Pointer,
  ) {}

  fail(detail: string): never {
    throw new BadRequest('invalid_parameter', `${this.name}: ${detail}`, { pointer: this.pointer(this.name) });
  }

  list(text: string): number[] {
    const figures = text.split(',').map(Number);
    return figures.every(Number.isFinite) ? figures : this.fail('has a figure that is not a number');
  }

  lat(value: number | undefined): number {
    if (value === undefined || Math.abs(value) > 90) this.fail('a latitude is between -90 and 90');
    return value;
  }

  lon(value: number | undefined): number {
    if (value === undefined || Math.abs(value) > 180) this.fail('a longitude is between -180 and 180');
    return value;
  }

  place(text: string): LatLon {
    const [lon, lat] = this.list(text);
    return { lat: this.lat(lat), lon: this.lon(lon) };
  }
}

function toBox(text: string, figures: Figures): Area {
  const [west, south, east, north] = figures.list(text);
  const box = {
    west: figures.lon(west),
    south: figures.lat(south),
    east: figures.lon(east),
    north: figures.lat(north),
  };
  if (box.south > box.north) figures.fail('south lies north of north');
  return { kind: 'box', box };
}

function toPolygon(text: string, figures: Figures): Area {
  const corners = text.split(';').map((corner) => figures.place(corner));
  const [first, last] = [corners[0], corners.at(-1)];
  if (corners.length > 3 && first?.lat === last?.lat && first?.lon === last?.lon) corners.pop();
  if (corners.length > limits.polygonCorners) figures.fail(`has more than ${limits.polygonCorners} corners`);
  if (lonSpan(corners) >= 180) figures.fail('spans 180° of longitude or more; split it');
  if (!isSimple(corners)) figures.fail('its edges cross, touch or repeat');
  return { kind: 'polygon', polygon: corners };
}

function toCircle(text: string, figures: Figures): Area {
  const radius = figures.list(text)[2] ?? 0;
  if (radius <= 0 || radius > HALF_ROUND_THE_WORLD) figures.fail('the radius is above 0 m and at most half the world');
  return { kind: 'circle', circle: { ...figures.place(text), radius } };
}

function toArea({ box, polygon, circle }: SearchQuery, pointer: Pointer): Area | undefined {
  if ([box, polygon, circle].filter((area) => area !== undefined).length > 1) {
    throw new BadRequest('too_many_areas', 'Ask for one area at a time: a box, a polygon or a circle.');
  }
  if (box !== undefined) return toBox(box, new Figures('box', pointer));
  if (polygon !== undefined) return toPolygon(polygon, new Figures('polygon', pointer));
  return circle === undefined ? undefined : toCircle(circle, new Figures('circle', pointer));
}

function toNear({ sort, near }: SearchQuery, area: Area | undefined, pointer: Pointer): LatLon | undefined {
  if (sort !== 'distance') {
    if (near !== undefined) new Figures('near', pointer).fail('goes with sort=distance only');
    return undefined;
  }
  if (near !== undefined) return new Figures('near', pointer).place(near);
  if (area?.kind === 'circle') return { lat: area.circle.lat, lon: area.circle.lon };
  throw new BadRequest('missing_parameter', 'near: sort=distance needs near=lon,lat or a circle', {
    pointer: pointer('near'),
  });
}

/** @throws Forbidden: operators search everything, a device among its own positions, others nothing */
function toDevices(asked: readonly string[] | undefined, { sub, roles }: Identity): readonly string[] | undefined {
  if (roles.has('operator')) return asked && [...new Set(asked)].sort();
  if (!roles.has('device')) throw new Forbidden('role_missing', 'This needs the role operator or device.');
  if (asked?.some((device) => device !== sub)) {
    throw new Forbidden('not_yours', 'A device searches among its own positions: leave `devices` out.');
  }
  return [sub];
}

function checkRange({ from, to }: SearchQuery, pointer: Pointer): void {
  if (from >= to) throw new BadRequest('empty_range', '`from` must lie before `to`.', { pointer: pointer('from') });
  if (to - from > MAX_DAYS * DAY_MS) {
    const detail = `A search spans at most ${MAX_DAYS} days: ask for one part after the other.`;
    throw new BadRequest('range_too_long', detail, { pointer: pointer('to') });
  }
}

/**
 * What a query asks for and its caller may see.
 * @throws Forbidden `role_missing`, `not_yours`
 * @throws BadRequest `empty_range`, `range_too_long`, `too_many_areas`, `invalid_parameter`, `missing_parameter`
 */
export function toSearch(query: SearchQuery, identity: Identity, pointer: Pointer = (name) => `?${name}`): Search {
  const { from, to, sort, limit } = query;
  const devices = toDevices(query.devices, identity);
  checkRange(query, pointer);
  const area = toArea(query, pointer);
  return { from, to, devices, area, sort, near: toNear(query, area, pointer), limit };
}
