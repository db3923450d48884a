import { metresBetween, type Place } from './point';

/** When to send: as soon as one of these is reached. */
export interface Batching {
  /** Points that wait. */
  points: number;
  /** Age of the oldest (ms). */
  ageMs: number;
  /** Way made since the last point sent (m): on the live map nobody is further off than that. */
  metres: number;
  /** Greatest number of points in one request, where more wait. */
  mostPoints: number;
}

export const defaultBatching: Batching = { points: 20, ageMs: 30_000, metres: 500, mostPoints: 400 };

/** What waits to be sent. */
export interface Backlog {
  count: number;
  /** When the oldest was added, by the monotonic clock (ms). */
  since: number;
  newest: Place;
}

/**
 * When what waits is to be sent, by the monotonic clock (ms); −∞ is at once.
 * @param lastSent where the server knows the device to be
 * @param stretch what the age is multiplied by: drawn anew for each batch, about 1
 */
export function dueAt(backlog: Backlog, lastSent: Place | undefined, settings: Batching, stretch: number): number {
  if (!lastSent) return Number.NEGATIVE_INFINITY;
  if (backlog.count >= settings.points) return Number.NEGATIVE_INFINITY;
  if (metresBetween(lastSent, backlog.newest) >= settings.metres) return Number.NEGATIVE_INFINITY;
  return backlog.since + settings.ageMs * stretch;
}
