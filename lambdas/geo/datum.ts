import gcoord from 'gcoord';
import type { LatLon } from './distance';

/** Datums that Chinese maps use instead of WGS 84. */
export type ChineseDatum = 'gcj02' | 'bd09';

/** Where the offset applies: the box that the published algorithm uses, beyond it coordinates are WGS 84. */
const CHINA = { west: 72.004, east: 137.8347, south: 0.8293, north: 55.8271 };

const inChina = ({ lat, lon }: LatLon) =>
  lon >= CHINA.west && lon <= CHINA.east && lat >= CHINA.south && lat <= CHINA.north;

/** @returns the place in WGS 84, within a metre of the published transformation; unchanged outside China */
export function toWgs84(place: LatLon, datum: ChineseDatum): LatLon {
  if (!inChina(place)) return place;
  const from = datum === 'gcj02' ? gcoord.GCJ02 : gcoord.BD09;
  const [lon, lat] = gcoord.transform([place.lon, place.lat], from, gcoord.WGS84);
  return { lat, lon };
}
