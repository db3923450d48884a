import { encode as geohash, decode_bbox as geohashBox } from 'ngeohash';
import type { Box } from './area';
import { type CityOutline, cityOutlines } from './outlines.generated';

/** Whose calendar a position's day follows, and the partition of the history it is kept in. */
export interface Region {
  /** A city's slug, or `gh-` and the geohash of two characters where there is no city of ours. */
  city: string;
  /** An IANA time zone; UTC outside the cities. */
  timeZone: string;
}

/** Ring edges as lat1, lon1, lat2, lon2 …, by the band of latitude that they touch. */
interface Outline {
  south: number;
  west: number;
  north: number;
  east: number;
  bands: number[][];
  region: Region;
}

const BANDS = 64;
const PRECISION = 1e4;

/** Source: Google Maps platform, "Encoded polyline algorithm format". */
function decodeFigures(text: string): number[] {
  const figures: number[] = [];
  let [figure, place] = [0, 1];
  for (let i = 0; i < text.length; i++) {
    const bits = text.charCodeAt(i) - 63;
    figure += (bits % 32) * place;
    place *= 32;
    if (bits >= 32) continue;
    figures.push(figure % 2 === 1 ? -(figure + 1) / 2 : figure / 2);
    [figure, place] = [0, 1];
  }
  return figures;
}

/** @returns a ring's corners as [lat, lon] in degrees */
function decodeRing(text: string): [number, number][] {
  const figures = decodeFigures(text);
  const corners: [number, number][] = [];
  let [lat, lon] = [0, 0];
  for (let i = 0; i + 1 < figures.length; i += 2) {
    lat += figures[i] ?? 0;
    lon += figures[i + 1] ?? 0;
    corners.push([lat / PRECISION, lon / PRECISION]);
  }
  return corners;
}

const bandOf = (lat: number, south: number, north: number) =>
  Math.min(BANDS - 1, Math.max(0, Math.floor(((lat - south) / (north - south)) * BANDS)));

function prepare({ city, timeZone, rings }: CityOutline): Outline {
  const corners = rings.map(decodeRing);
  const lats = corners.flat().map(([lat]) => lat);
  const lons = corners.flat().map(([, lon]) => lon);
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const bands: number[][] = Array.from({ length: BANDS }, () => []);
  for (const ring of corners) {
    let [lat1, lon1] = ring.at(-1) ?? [0, 0];
    for (const [lat2, lon2] of ring) {
      const last = bandOf(Math.max(lat1, lat2), south, north);
      for (let band = bandOf(Math.min(lat1, lat2), south, north); band <= last; band++) {
        bands[band]?.push(lat1, lon1, lat2, lon2);
      }
      [lat1, lon1] = [lat2, lon2];
    }
  }
  return { south, north, west: Math.min(...lons), east: Math.max(...lons), bands, region: { city, timeZone } };
}

/** Even-odd ray casting over the edges of one band; figures stand flat in an array because this runs for every point. */
function crossings(edges: readonly number[], lat: number, lon: number): number {
  let count = 0;
  for (let i = 0; i < edges.length; i += 4) {
    const [lat1 = 0, lat2 = 0] = [edges[i], edges[i + 2]];
    if (lat1 > lat === lat2 > lat) continue;
    const [lon1 = 0, lon2 = 0] = [edges[i + 1], edges[i + 3]];
    if (lon < lon1 + ((lat - lat1) / (lat2 - lat1)) * (lon2 - lon1)) count++;
  }
  return count;
}

function holds(outline: Outline, lat: number, lon: number): boolean {
  if (lat < outline.south || lat > outline.north || lon < outline.west || lon > outline.east) return false;
  const edges = outline.bands[bandOf(lat, outline.south, outline.north)] ?? [];
  return crossings(edges, lat, lon) % 2 === 1;
}

let prepared: Outline[] | undefined;

/** The city a place is in, or the coarse geohash that stands for one. Outlines are true to about 30 m. */
export function regionOf(lat: number, lon: number): Region {
  prepared ??= cityOutlines.map(prepare);
  for (const outline of prepared) if (holds(outline, lat, lon)) return outline.region;
  return { city: `gh-${geohash(lat, lon, 2)}`, timeZone: 'UTC' };
}

/** @returns a box that holds every place of a region; undefined where there is no such city (any more) */
export function regionBox(city: string): Box | undefined {
  if (city.startsWith('gh-')) {
    const [south, west, north, east] = geohashBox(city.slice(3));
    return { west, south, east, north };
  }
  prepared ??= cityOutlines.map(prepare);
  const outline = prepared.find(({ region }) => region.city === city);
  return outline && { west: outline.west, south: outline.south, east: outline.east, north: outline.north };
}
