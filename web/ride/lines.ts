import type { Feature, FeatureCollection } from 'geojson';
import type { Point } from '../../lambdas/contract/position';
import type { LonLat } from '../vehicles';
import { classOf, type SpeedScale } from './speed-scale';
import { stepSpeed } from './track';

/** What a run of steps is drawn as: the class of its speed, or a gap that nobody knows the way of. */
type Kind = number | 'gap';

/** @returns the speeds of all steps that are known (m/s) */
export function stepSpeeds(points: readonly Point[]): number[] {
  return points.flatMap((to, index) => {
    const from = points[index - 1];
    return (from && stepSpeed(from, to)) ?? [];
  });
}

/** A longitude next to another, beyond ±180° where the way crosses the antimeridian. */
const nextTo = (lon: number, before: number): number => lon - 360 * Math.round((lon - before) / 360);

/** @returns places whose line never runs round the world */
export function unwrapped(points: readonly Point[]): LonLat[] {
  let before = points[0]?.lon ?? 0;
  return points.map(({ lon, lat }) => {
    before = nextTo(lon, before);
    return [before, lat];
  });
}

const feature = (kind: Kind, coordinates: LonLat[]): Feature => ({
  type: 'Feature',
  properties: kind === 'gap' ? { gap: true } : { gap: false, speed: kind },
  geometry: { type: 'LineString', coordinates },
});

/** @returns the track as lines, one for each run of steps of the same class of speed */
export function colouredLines(points: readonly Point[], scale: SpeedScale): FeatureCollection {
  const places = unwrapped(points);
  const features: Feature[] = [];
  let run: LonLat[] = [];
  let running: Kind | undefined;
  for (const [index, to] of points.entries()) {
    const [from, start, end] = [points[index - 1], places[index - 1], places[index]];
    if (!from || !start || !end) continue;
    const speed = stepSpeed(from, to);
    const kind = speed === undefined ? 'gap' : classOf(scale, speed);
    if (kind !== running) {
      run = [start];
      features.push(feature(kind, run));
      running = kind;
    }
    run.push(end);
  }
  return { type: 'FeatureCollection', features };
}
