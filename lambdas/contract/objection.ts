import { limits } from './limits';
import type { Point } from './position';

/** When a point is judged. */
export interface Moment {
  now: number;
  /** Points older than this are refused (ms). */
  retentionMs: number;
}

/** What is wrong with a point. */
export interface Objection {
  /** JSON pointer within the point. */
  field: string;
  code: string;
  detail: string;
}

/**
 * What a schema can't say of a point, first what is wrong first: the same whether it was reported, or written by the
 * device itself.
 */
export function objection(point: Point, { now, retentionMs }: Moment): Objection | undefined {
  if (point.time > now + limits.futureToleranceMs) {
    const detail = `This is ${point.time - now} ms ahead of the server, whose clock reads ${now}. Mend the clock and send it again.`;
    return { field: '/time', code: 'time_in_future', detail };
  }
  if (point.time < now - retentionMs) {
    const hint = point.time < 1e11 ? ' Times are in milliseconds.' : '';
    const detail = `Positions are kept for ${retentionMs / 86_400_000} days; this one is older.${hint}`;
    return { field: '/time', code: 'time_too_old', detail };
  }
  if (point.lat === 0 && point.lon === 0) {
    return { field: '', code: 'null_island', detail: 'Latitude and longitude are both exactly 0: that is no fix.' };
  }
  const count = Object.keys(point.attributes ?? {}).length;
  if (count > limits.attributesPerPoint) {
    const detail = `There are ${count} attributes; a point has at most ${limits.attributesPerPoint}.`;
    return { field: '/attributes', code: 'attributes_too_many', detail };
  }
  const bytes = Buffer.byteLength(JSON.stringify(point.attributes ?? {}));
  if (bytes > limits.attributeBytes) {
    const detail = `The attributes have ${bytes} bytes as JSON; ${limits.attributeBytes} are allowed.`;
    return { field: '/attributes', code: 'attributes_too_large', detail };
  }
  return undefined;
}
