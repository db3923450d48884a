import {
  AttributionControl,
  type ControlPosition,
  Map as LiveMap,
  type MapOptions,
  NavigationControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { bundledStyle } from './map-style';
import type { LonLat } from './vehicles';

/** Where a map opens: the middle of Porto, where the demo's taxis drive. */
const home = { center: [-8.616, 41.158] as LonLat, zoom: 12.6 };

/**
 * Opens a map on the page's #map, flat and north up.
 * @param styleUrl in place of the bundled style @param buttons where those for zooming are
 */
export function openMap(
  styleUrl: string | undefined,
  options: Omit<MapOptions, 'container' | 'style'> = {},
  buttons: ControlPosition = 'bottom-left',
): LiveMap {
  setWorkerUrl(workerUrl);
  const map = new LiveMap({
    container: 'map',
    style: styleUrl ?? bundledStyle,
    ...home,
    attributionControl: false,
    dragRotate: false,
    fadeDuration: 0,
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new AttributionControl({ compact: true }));
  map.addControl(new NavigationControl({ showCompass: false }), buttons);
  return map;
}
