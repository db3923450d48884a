import type { Point } from './point';

/** How a row is written, as `POST /v1/credentials` tells. */
export interface RowShape {
  partitionKey: { name: string; value: string };
  sortKey: { name: string; prefix: string; digits: number };
  expires: { name: string; secondsAfterMinute: number };
  point: { prefix: string };
  pointsPerUpdate: number;
}

const MINUTE_MS = 60_000;

/** The text of a point's attribute: figures with nothing where one is unknown, then its free attributes as JSON. */
export function encodePoint(point: Point): string {
  const figures = [point.lat, point.lon, point.accuracy, point.speed, point.heading, point.altitude];
  const text = figures
    .map((figure) => figure ?? '')
    .join(',')
    .replace(/,+$/, '');
  return point.attributes === undefined ? text : text + JSON.stringify(point.attributes);
}

/** @returns the points in groups that one update takes: of one minute each, and not too many */
function groups(points: readonly Point[], most: number): Point[][] {
  const made: Point[][] = [];
  for (const point of points) {
    const last = made.at(-1);
    const same = last?.[0] && Math.floor(last[0].time / MINUTE_MS) === Math.floor(point.time / MINUTE_MS);
    if (last && same && last.length < most) last.push(point);
    else made.push([point]);
  }
  return made;
}

/** The bodies of the UpdateItem calls that append points; each may be repeated, and changes no point that is there. */
export function toUpdates(table: string, row: RowShape, points: readonly Point[]): string[] {
  return groups(points, row.pointsPerUpdate).map((group) => JSON.stringify(toUpdate(table, row, group)));
}

function toUpdate(table: string, { partitionKey, sortKey, expires, point: { prefix } }: RowShape, points: Point[]) {
  const minute = Math.floor((points[0]?.time ?? 0) / MINUTE_MS);
  const names = points.map(({ time }) => `${prefix}${time % MINUTE_MS}`);
  const sets = names.map((name, index) => `${name} = if_not_exists(${name}, :${index})`);
  return {
    TableName: table,
    Key: {
      [partitionKey.name]: { S: partitionKey.value },
      [sortKey.name]: { S: sortKey.prefix + String(minute).padStart(sortKey.digits, '0') },
    },
    UpdateExpression: `SET #e = if_not_exists(#e, :e), ${sets.join(', ')}`,
    ExpressionAttributeNames: { '#e': expires.name },
    ExpressionAttributeValues: {
      ':e': { N: String((minute * MINUTE_MS) / 1_000 + expires.secondsAfterMinute) },
      ...Object.fromEntries(points.map((point, index) => [`:${index}`, { S: encodePoint(point) }])),
    },
  };
}
