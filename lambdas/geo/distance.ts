/** A place in WGS 84 degrees. */
export interface LatLon {
  lat: number;
  lon: number;
}

/** Mean radius of the WGS-84 ellipsoid, (2a + b) / 3, in metres. Source: IUGG; Moritz, Geodetic Reference System 1980. */
export const EARTH_RADIUS = 6_371_008.8;

const RADIANS = Math.PI / 180;

const haversine = (degrees: number) => Math.sin((degrees * RADIANS) / 2) ** 2;

/**
 * The great-circle distance in metres on the mean sphere, within 0.6 % of the ellipsoid's.
 * Source: the haversine formula, Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984).
 */
export function distance(a: LatLon, b: LatLon): number {
  const h = haversine(a.lat - b.lat) + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * haversine(a.lon - b.lon);
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}
