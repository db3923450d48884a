import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';

const empty = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } };
const round = { 'line-join': 'round' as const, 'line-cap': 'round' as const };

/** The bundled style: the outlines of cities, and the streets of Porto as its taxis drew them. Needs no internet. */
export const bundledStyle: StyleSpecification = {
  version: 8,
  sources: {
    cities: {
      type: 'geojson',
      data: './cities.json',
      attribution: 'Outlines: click_that_hood (MIT); © OpenStreetMap contributors (ODbL)',
    },
    streets: { type: 'geojson', data: './streets.json', attribution: 'Porto taxis: UCI 339 (CC BY 4.0)' },
  },
  layers: [
    { id: 'ground', type: 'background', paint: { 'background-color': '#0a1016' } },
    { id: 'city', type: 'fill', source: 'cities', paint: { 'fill-color': '#121c26' } },
    { id: 'city-edge', type: 'line', source: 'cities', paint: { 'line-color': '#2b3a48', 'line-width': 1.5 } },
    {
      id: 'street',
      type: 'line',
      source: 'streets',
      paint: {
        'line-color': '#3b5b7a',
        'line-opacity': 0.15,
        'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.6, 15, 3],
      },
      layout: round,
    },
  ],
};

/** What the console draws over any style. */
export const liveSources: Record<string, SourceSpecification> = {
  trails: { ...empty, lineMetrics: true },
  track: empty,
  vehicles: empty,
};

/** Names of the icons: of a vehicle whose direction is known, and of one that stands. */
export const VEHICLE = 'vehicle';
export const STILL = 'vehicle-still';

export const liveLayers: LayerSpecification[] = [
  {
    id: 'trails',
    type: 'line',
    source: 'trails',
    paint: {
      'line-width': ['interpolate', ['linear'], ['zoom'], 10, 1.5, 15, 4],
      'line-gradient': ['interpolate', ['linear'], ['line-progress'], 0, '#ffb45400', 1, '#ffb454cc'],
    },
    layout: round,
  },
  {
    id: 'track',
    type: 'line',
    source: 'track',
    paint: { 'line-color': '#6cb6ff', 'line-opacity': 0.9, 'line-width': 3.5 },
    layout: round,
  },
  {
    id: 'chosen',
    type: 'circle',
    source: 'vehicles',
    filter: ['get', 'chosen'],
    paint: {
      'circle-radius': 17,
      'circle-color': '#6cb6ff33',
      'circle-stroke-color': '#6cb6ff',
      'circle-stroke-width': 2,
    },
  },
  {
    id: 'vehicles',
    type: 'symbol',
    source: 'vehicles',
    layout: {
      'icon-image': ['get', 'icon'],
      'icon-rotate': ['get', 'heading'],
      'icon-rotation-alignment': 'map',
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 8, 0.4, 13, 0.9, 16, 1.2],
    },
    paint: { 'icon-opacity': ['case', ['get', 'faint'], 0.4, 1] },
  },
];
