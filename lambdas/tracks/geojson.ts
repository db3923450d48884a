import type { TrackPoint } from './decide';
import { byTask } from './formats';
import type { Page } from './merge';

type Coordinates = [lon: number, lat: number] | [lon: number, lat: number, altitude: number];

const toCoordinates = ({ lon, lat, altitude }: TrackPoint): Coordinates =>
  altitude === undefined ? [lon, lat] : [lon, lat, altitude];

/** A column of what the points carry, `null` where one has none; nothing where none has any. */
function column<K extends 'accuracy' | 'speed' | 'heading' | 'attributes'>(name: K, points: readonly TrackPoint[]) {
  if (points.every((point) => point[name] === undefined)) return {};
  return { [name]: points.map((point) => point[name] ?? null) };
}

function toFeature(device: string, task: string, points: readonly TrackPoint[]) {
  const [first] = points;
  // A LineString has two positions at least (RFC 7946, 3.1.4).
  const geometry =
    points.length === 1 && first
      ? { type: 'Point', coordinates: toCoordinates(first) }
      : { type: 'LineString', coordinates: points.map(toCoordinates) };
  return {
    type: 'Feature',
    geometry,
    properties: {
      device,
      task,
      coordTimes: points.map(({ time }) => new Date(time).toISOString()),
      ...column('accuracy', points),
      ...column('speed', points),
      ...column('heading', points),
      ...column('attributes', points),
    },
  };
}

/**
 * A page as GeoJSON (RFC 7946): a LineString a task, a Point where a task has one point on this page. As in common use,
 * `coordTimes` has the time of each coordinate, ISO 8601; `accuracy`, `speed`, `heading` and `attributes` stand beside
 * it likewise. `next` and `correctedUntil` are foreign members.
 */
export function toGeoJson(device: string, { points, correctedUntil }: Page, next: string | undefined): string {
  const features = [...byTask(points)].map(([task, some]) => toFeature(device, task, some));
  return JSON.stringify({
    type: 'FeatureCollection',
    features,
    ...(correctedUntil !== undefined && { correctedUntil }),
    ...(next !== undefined && { next }),
  });
}
