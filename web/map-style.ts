import type { StyleSpecification } from 'maplibre-gl';

const empty = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } };

/** The bundled style: the outlines of cities, and the streets of Porto as its taxis drew them. Needs no internet. */
export const bundledStyle: StyleSpecification = {
  version: 8,
  sources: {
    cities: {
      type: 'geojson',
      data: './cities.geojson',
      attribution: 'Outlines: click_that_hood (MIT); © OpenStreetMap contributors (ODbL)',
    },
    streets: { type: 'geojson', data: './streets.geojson', attribution: 'Porto taxis: UCI 339 (CC BY 4.0)' },
  },
  layers: [
    { id: 'ground', type: 'background', paint: { 'background-color': '#0b1117' } },
    { id: 'city', type: 'fill', source: 'cities', paint: { 'fill-color': '#121c26' } },
    { id: 'city-edge', type: 'line', source: 'cities', paint: { 'line-color': '#2b3a48', 'line-width': 1.5 } },
    {
      id: 'street',
      type: 'line',
      source: 'streets',
      paint: {
        'line-color': '#35506a',
        'line-opacity': 0.16,
        'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.6, 15, 3],
      },
      layout: { 'line-join': 'round', 'line-cap': 'round' },
    },
  ],
};

/** What the console draws over any style. */
export const liveSources = { trails: empty, track: empty, vehicles: empty };

const speedColour = [
  'interpolate',
  ['linear'],
  ['coalesce', ['get', 'speed'], 0],
  0,
  '#ffb454',
  20,
  '#ffe9a8',
] as const;

export const liveLayers = [
  {
    id: 'trails',
    type: 'line',
    source: 'trails',
    paint: { 'line-color': '#ffb454', 'line-opacity': 0.35, 'line-width': 2 },
    layout: { 'line-join': 'round', 'line-cap': 'round' },
  },
  {
    id: 'track',
    type: 'line',
    source: 'track',
    paint: { 'line-color': '#6cb6ff', 'line-width': 3.5 },
    layout: { 'line-join': 'round', 'line-cap': 'round' },
  },
  {
    id: 'vehicles',
    type: 'circle',
    source: 'vehicles',
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 3, 14, 7],
      'circle-color': [...speedColour],
      'circle-stroke-color': ['case', ['get', 'chosen'], '#6cb6ff', '#0b1117'],
      'circle-stroke-width': ['case', ['get', 'chosen'], 3, 1],
    },
  },
] as const;
