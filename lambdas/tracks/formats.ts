import type { TrackPoint } from './decide';

export type Format = 'json' | 'geojson' | 'gpx' | 'csv';

export const mediaTypes: Record<Format, string> = {
  json: 'application/json',
  geojson: 'application/geo+json',
  gpx: 'application/gpx+xml',
  csv: 'text/csv',
};

/** The points of each task, in the order in which the tasks come first. */
export function byTask(points: readonly TrackPoint[]): Map<string, TrackPoint[]> {
  const tasks = new Map<string, TrackPoint[]>();
  for (const point of points) {
    const known = tasks.get(point.task);
    if (known) known.push(point);
    else tasks.set(point.task, [point]);
  }
  return tasks;
}

const formats: Format[] = ['json', 'geojson', 'gpx', 'csv'];

/** How much an Accept header wants a media type: the weight of the most specific range that fits it. */
function weightOf(mediaType: string, accept: string): number {
  const ranges = accept.split(',').map((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    return { name, weight: Number.isFinite(weight) ? weight : 0 };
  });
  for (const name of [mediaType, mediaType.replace(/\/.*/, '/*'), '*/*']) {
    const fitting = ranges.find((range) => range.name === name);
    if (fitting) return fitting.weight;
  }
  return 0;
}

/**
 * The format that an Accept header likes best (RFC 9110, 12.5.1). JSON where it likes others equally, names none of
 * ours, or is missing: an answer in JSON helps more than a refusal.
 */
export function negotiate(accept: string | undefined): Format {
  if (accept === undefined) return 'json';
  const weights = formats.map((format) => weightOf(mediaTypes[format], accept));
  const best = Math.max(...weights);
  return (best > 0 && formats[weights.indexOf(best)]) || 'json';
}
