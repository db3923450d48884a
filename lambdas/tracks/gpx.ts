import type { TrackPoint } from './decide';
import { byTask } from './formats';

/** Names what GPX 1.1 has no element for. */
export const GPX_EXTENSION = 'urn:waystream:gpx:1';

const references: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => references[character] ?? '');

/** JSON leaves two characters alone that XML may not contain. */
const escapeJson = (value: unknown): string =>
  escapeText(
    JSON.stringify(value).replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`),
  );

/** A number as xsd:decimal: without an exponent. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}

const element = (name: string, value: string | undefined): string =>
  value === undefined ? '' : `<${name}>${value}</${name}>`;

const figure = (name: string, value: number | undefined): string =>
  element(name, value === undefined ? undefined : decimal(value));

function toTrackPoint({ time, lat, lon, altitude, speed, heading, accuracy, attributes }: TrackPoint): string {
  const extensions = [
    figure('ws:speed', speed),
    figure('ws:course', heading),
    figure('ws:accuracy', accuracy),
    attributes === undefined ? '' : element('ws:attributes', escapeJson(attributes)),
  ].join('');
  const inner = [
    figure('ele', altitude),
    element('time', new Date(time).toISOString()),
    extensions === '' ? '' : element('extensions', extensions),
  ].join('');
  return `<trkpt lat="${decimal(lat)}" lon="${decimal(lon)}">${inner}</trkpt>`;
}

const toTrack = (task: string, points: readonly TrackPoint[]): string =>
  `<trk><name>${escapeText(task)}</name><trkseg>${points.map(toTrackPoint).join('\n')}</trkseg></trk>`;

/**
 * A page as GPX 1.1: a `trk` a task, with `ele` (m, above the ellipsoid) and `time`. In the namespace
 * `urn:waystream:gpx:1` stand `speed` (m/s), `course` (degrees clockwise from north), `accuracy` (m) and `attributes`
 * (a JSON object). Source: https://www.topografix.com/GPX/1/1/
 */
export function toGpx(points: readonly TrackPoint[]): string {
  const tracks = [...byTask(points)].map(([task, some]) => toTrack(task, some));
  const attributes = `version="1.1" creator="Waystream" xmlns="http://www.topografix.com/GPX/1/1" xmlns:ws="${GPX_EXTENSION}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<gpx ${attributes}>${tracks.join('\n')}</gpx>\n`;
}
