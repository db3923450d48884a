import type { TrackPoint } from '../../lambdas/tracks/decide';

const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const resolve = (text: string) => text.replace(/&(\w+);/g, (_, name) => characters[name] ?? '');

const elements: [tag: string, name: string][] = [
  ['ele', 'altitude'],
  ['ws:speed', 'speed'],
  ['ws:course', 'heading'],
  ['ws:accuracy', 'accuracy'],
];

/** A reader for just what the writer writes, by regular expressions: too simple to share its mistakes. */
export function parseGpx(gpx: string): TrackPoint[] {
  return [...gpx.matchAll(/<trk><name>(.*?)<\/name>(.*?)<\/trk>/gs)].flatMap(([, task = '', body = '']) =>
    [...body.matchAll(/<trkpt lat="(.*?)" lon="(.*?)">(.*?)<\/trkpt>/gs)].map(([, lat, lon, inner = '']) => {
      const text = (tag: string) => new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(inner)?.[1];
      const figures = elements.flatMap(([tag, name]) => (text(tag) === undefined ? [] : [[name, Number(text(tag))]]));
      const attributes = text('ws:attributes');
      return {
        task: resolve(task),
        time: Date.parse(text('time') ?? ''),
        lat: Number(lat),
        lon: Number(lon),
        ...Object.fromEntries(figures),
        ...(attributes !== undefined && { attributes: JSON.parse(resolve(attributes)) }),
      };
    }),
  );
}
