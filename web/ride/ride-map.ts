import type { Feature, FeatureCollection } from 'geojson';
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as RideBase } from 'maplibre-gl';
import type { Point } from '../../lambdas/contract/position';
import type { LonLat } from '../vehicles';
import { unwrapped } from './lines';
import { speedColours } from './speed-scale';

const empty: FeatureCollection = { type: 'FeatureCollection', features: [] };
const round = { 'line-join': 'round' as const, 'line-cap': 'round' as const };
const width = (thin: number, wide: number): ExpressionSpecification => [
  'interpolate',
  ['linear'],
  ['zoom'],
  10,
  thin,
  16,
  wide,
];

const layers: LayerSpecification[] = [
  {
    id: 'beside',
    type: 'line',
    source: 'beside',
    paint: { 'line-color': '#8fb8e0', 'line-width': 1.5, 'line-opacity': 0.9 },
    layout: round,
  },
  {
    id: 'casing',
    type: 'line',
    source: 'ride',
    filter: ['!', ['get', 'gap']],
    paint: { 'line-color': '#0a1016', 'line-width': width(5, 11) },
    layout: round,
  },
  {
    id: 'gaps',
    type: 'line',
    source: 'ride',
    filter: ['get', 'gap'],
    paint: { 'line-color': '#c3ced9', 'line-width': 2, 'line-dasharray': [1, 2.5] },
  },
  {
    id: 'ride',
    type: 'line',
    source: 'ride',
    filter: ['!', ['get', 'gap']],
    paint: {
      'line-color': ['to-color', ['at', ['get', 'speed'], ['literal', [...speedColours]]]],
      'line-width': width(3, 7),
    },
    layout: round,
  },
  {
    id: 'ends',
    type: 'circle',
    source: 'ends',
    paint: {
      'circle-radius': 5,
      'circle-color': ['case', ['get', 'start'], '#5ad17f', '#ff8080'],
      'circle-stroke-color': '#0a1016',
      'circle-stroke-width': 2,
    },
  },
  {
    id: 'here',
    type: 'circle',
    source: 'here',
    paint: {
      'circle-radius': 8,
      'circle-color': '#ffffff',
      'circle-stroke-color': '#1668c7',
      'circle-stroke-width': 4,
    },
  },
];

const point = (coordinates: LonLat, properties = {}): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Point', coordinates },
});

/** Room around the track when the map shows all of it, and for the legend where there is any to spare (pixels). */
const MARGIN = 48;
const LEGEND = { room: 200, spareFrom: 700 };
/** A single place is shown no nearer than this. */
const NEAREST = 16;

/** What the ride page draws on its map. */
export class RideMap {
  constructor(private readonly map: RideBase) {}

  /** Adds what is drawn, over any style. */
  addLayers(): void {
    for (const id of ['beside', 'ride', 'ends', 'here']) this.map.addSource(id, { type: 'geojson', data: empty });
    for (const layer of layers) this.map.addLayer(layer);
  }

  /** @param lines of the track in colours @param points of the same @param beside another track, as a thin line */
  draw(lines: FeatureCollection, points: readonly Point[], beside: readonly Point[]): void {
    const places = unwrapped(points);
    const [first, last] = [places[0], places.at(-1)];
    this.set('ride', lines.features);
    this.set('ends', first && last ? [point(first, { start: true }), point(last, { start: false })] : []);
    this.set('beside', [
      { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: unwrapped(beside) } },
    ]);
  }

  /** Marks a place; moves the map after it where it was in the picture and is about to leave it. */
  mark(at: LonLat | undefined, before: LonLat | undefined): void {
    this.set('here', at ? [point(at)] : []);
    if (!at || !before || this.map.isMoving()) return;
    const bounds = this.map.getBounds();
    if (bounds.contains(before) && !bounds.contains(at)) this.map.panTo(at, { duration: 300 });
  }

  /** Shows the whole track. */
  fit(points: readonly Point[]): void {
    const places = unwrapped(points);
    if (places.length === 0) return;
    let [west, south, east, north] = [540, 90, -540, -90];
    for (const [lon, lat] of places) {
      [west, east] = [Math.min(west, lon), Math.max(east, lon)];
      [south, north] = [Math.min(south, lat), Math.max(north, lat)];
    }
    const left = this.map.getCanvas().clientWidth < LEGEND.spareFrom ? MARGIN : LEGEND.room;
    const padding = { top: MARGIN, right: MARGIN, bottom: MARGIN, left };
    this.map.fitBounds([west, south, east, north], { padding, maxZoom: NEAREST, animate: false });
  }

  private set(id: string, features: Feature[]): void {
    this.map.getSource<GeoJSONSource>(id)?.setData({ type: 'FeatureCollection', features });
  }
}
