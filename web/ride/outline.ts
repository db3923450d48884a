import type { LonLat } from '../vehicles';

/**
 * Reads Google's encoded polyline of five decimals. Source: Google Maps Platform, "Encoded Polyline Algorithm Format".
 * @returns the places, of what can be read
 */
export function decodePolyline(text: string): LonLat[] {
  const numbers: number[] = [];
  let [value, factor] = [0, 1];
  for (const character of text) {
    const chunk = character.charCodeAt(0) - 63;
    value += (chunk & 31) * factor;
    factor *= 32;
    if (chunk >= 32) continue;
    numbers.push(value % 2 === 1 ? -(value + 1) / 2 : value / 2);
    [value, factor] = [0, 1];
  }
  const places: LonLat[] = [];
  let [lat, lon] = [0, 0];
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    lat += numbers[index] ?? 0;
    lon += numbers[index + 1] ?? 0;
    places.push([lon / 1e5, lat / 1e5]);
  }
  return places;
}

/** The least of some figures, and how far the greatest lies above it. */
function rangeOf(values: readonly number[]): { from: number; extent: number } {
  const from = Math.min(...values);
  return { from, extent: Math.max(...values) - from };
}

/** @returns the way as a path of SVG in a square of `size`, its form kept, north up */
export function outlinePath(places: readonly LonLat[], size: number): string {
  const narrowed = Math.cos(((places[0]?.[1] ?? 0) * Math.PI) / 180);
  const flat = places.map(([lon, lat]): LonLat => [lon * narrowed, -lat]);
  const [across, down] = [rangeOf(flat.map(([x]) => x)), rangeOf(flat.map(([, y]) => y))];
  const whole = Math.max(across.extent, down.extent) || 1;
  const within = (value: number, { from, extent }: typeof across) =>
    (((value - from + (whole - extent) / 2) / whole) * size).toFixed(1);
  return flat.map(([x, y], index) => `${index ? 'L' : 'M'}${within(x, across)} ${within(y, down)}`).join('');
}
