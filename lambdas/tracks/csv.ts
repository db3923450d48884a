import type { TrackPoint } from './decide';

const columns = ['task', 'time', 'lat', 'lon', 'altitude', 'speed', 'heading', 'accuracy', 'attributes'] as const;

/** Text with a comma, a quote or a line break stands in quotes, and quotes within it twice. Source: RFC 4180, section 2. */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function toCell(point: TrackPoint, column: (typeof columns)[number]): string {
  if (column === 'time') return new Date(point.time).toISOString();
  if (column === 'attributes') return point.attributes === undefined ? '' : cell(JSON.stringify(point.attributes));
  return cell(String(point[column] ?? ''));
}

/**
 * A page as CSV (RFC 4180), its first line the names of the columns: a line a point, `time` in ISO 8601, `attributes` as
 * a JSON object; an empty cell is what a point does not have.
 */
export function toCsv(points: readonly TrackPoint[]): string {
  const lines = points.map((point) => columns.map((column) => toCell(point, column)).join(','));
  return [columns.join(','), ...lines, ''].join('\r\n');
}
