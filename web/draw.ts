import type { Feature, FeatureCollection } from 'geojson';
import type { GeoJSONSource, Map as LiveMap } from 'maplibre-gl';
import { liveLayers, liveSources, STILL, VEHICLE } from './map-style';
import type { LonLat, Shown } from './vehicles';

/** Pixels of an icon's edge, and how many of them lie in one pixel of the page. */
const ICON = { size: 48, ratio: 2 };
/** A finger or a pointer hits what is this near (pixels). */
const REACH = 10;
/** A vehicle not heard of for longer than this is drawn faintly (ms). */
const FAINT_AFTER_MS = 60_000;

function icon(outline: (path: Path2D) => void): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = ICON.size;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The browser can’t draw icons.');
  const path = new Path2D();
  outline(path);
  context.lineJoin = 'round';
  context.lineWidth = 4;
  context.strokeStyle = '#0b1117';
  context.stroke(path);
  context.fillStyle = '#ffc46b';
  context.fill(path);
  return context.getImageData(0, 0, ICON.size, ICON.size);
}

function arrow(path: Path2D): void {
  path.moveTo(24, 7);
  path.lineTo(37, 39);
  path.lineTo(24, 32);
  path.lineTo(11, 39);
  path.closePath();
}

/** Adds what the console draws, over any style. */
export function addLiveLayers(map: LiveMap): void {
  map.addImage(VEHICLE, icon(arrow), { pixelRatio: ICON.ratio });
  map.addImage(
    STILL,
    icon((path) => path.arc(24, 24, 11, 0, 2 * Math.PI)),
    { pixelRatio: ICON.ratio },
  );
  for (const [id, source] of Object.entries(liveSources)) map.addSource(id, source);
  for (const layer of liveLayers) map.addLayer(layer);
}

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });

function vehicle({ position, at, heading }: Shown, chosen: string | undefined, serverNow: number): Feature {
  const properties = {
    id: position.vehicle,
    icon: heading === undefined ? STILL : VEHICLE,
    heading: heading ?? 0,
    faint: serverNow - position.time > FAINT_AFTER_MS,
    chosen: position.vehicle === chosen,
  };
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: at } };
}

const trail = ({ at, trail }: Shown): Feature => ({
  type: 'Feature',
  properties: {},
  geometry: { type: 'LineString', coordinates: [...trail.slice(0, -1), at] },
});

/** Draws the vehicles where they are now. */
export function draw(map: LiveMap, shown: Shown[], chosen: string | undefined, serverNow: number): void {
  const source = (id: string) => map.getSource<GeoJSONSource>(id);
  source('vehicles')?.setData(collection(shown.map((each) => vehicle(each, chosen, serverNow))));
  source('trails')?.setData(collection(shown.filter((each) => each.trail.length > 1).map(trail)));
}

/** @returns the id of the vehicle drawn next to a point of the page, within reach */
export function vehicleAt(map: LiveMap, { x, y }: { x: number; y: number }, reach = REACH): string | undefined {
  const box: [LonLat, LonLat] = [
    [x - reach, y - reach],
    [x + reach, y + reach],
  ];
  const found = map.queryRenderedFeatures(box, { layers: ['vehicles'] }).flatMap(({ geometry, properties }) => {
    if (geometry.type !== 'Point') return [];
    const [lon = 0, lat = 0] = geometry.coordinates;
    const at = map.project([lon, lat]);
    return [{ id: String(properties.id), distance: Math.hypot(at.x - x, at.y - y) }];
  });
  return found.sort((a, b) => a.distance - b.distance)[0]?.id;
}
