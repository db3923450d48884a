import type { HttpAnswer } from '../platform/http';
import { toCsv } from './csv';
import { type Format, mediaTypes } from './formats';
import { toGeoJson } from './geojson';
import { toGpx } from './gpx';
import type { Page } from './merge';

type Query = Record<string, string | undefined>;

/** The next page as a link relative to the request itself (RFC 8288), whatever the API is mounted below. */
function toLink(query: Query, cursor: string): string {
  const parameters = Object.entries({ ...query, cursor }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return `<?${new URLSearchParams(parameters)}>; rel="next"`;
}

function toBody(format: Format, device: string, page: Page, next: string | undefined): string {
  if (format === 'gpx') return toGpx(page.points);
  if (format === 'csv') return toCsv(page.points);
  if (format === 'geojson') return toGeoJson(device, page, next);
  const { points, correctedUntil } = page;
  return JSON.stringify({
    device,
    positions: points,
    ...(correctedUntil !== undefined && { correctedUntil }),
    ...(next !== undefined && { next }),
  });
}

/** A page in the format asked for; where there is more, a Link header leads on, in each format. */
export function toAnswer(
  format: Format,
  device: string,
  page: Page,
  next: string | undefined,
  query: Query,
): HttpAnswer {
  return {
    statusCode: 200,
    headers: {
      'content-type': mediaTypes[format],
      vary: 'Accept',
      ...(next !== undefined && { link: toLink(query, next) }),
    },
    body: toBody(format, device, page, next),
  };
}
