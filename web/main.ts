import 'maplibre-gl/dist/maplibre-gl.css';
import type { Feature, FeatureCollection } from 'geojson';
import {
  AttributionControl,
  type GeoJSONSource,
  Map as LiveMap,
  Marker,
  NavigationControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { z } from 'zod';
import { Hud } from './hud';
import { LiveSocket } from './live-socket';
import { bundledStyle, liveLayers, liveSources } from './map-style';
import { openSession, type Session } from './session';
import { TrackPanel } from './track-panel';
import { type LonLat, type Shown, Vehicles } from './vehicles';

/** Where the map opens: the middle of Porto, where the demo's taxis drive. */
const home = { center: [-8.616, 41.158] as LonLat, zoom: 12.6 };

const placesSchema = z.array(z.object({ slug: z.string(), name: z.string(), at: z.tuple([z.number(), z.number()]) }));
const inTheMenu = ['porto', 'austin'];

/** Names of the cities as elements over the map: the bundled style has no fonts to draw text with. */
async function showPlaces(map: LiveMap): Promise<void> {
  const places = placesSchema.parse(await (await fetch('./places.json')).json());
  const menu = document.querySelector('#places');
  for (const { slug, name, at } of places) {
    const label = document.createElement('div');
    label.className = 'city';
    label.textContent = name;
    new Marker({ element: label }).setLngLat(at).addTo(map);
    if (!inTheMenu.includes(slug)) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name;
    button.addEventListener('click', () => map.flyTo({ center: at, zoom: home.zoom, duration: 1_500 }));
    menu?.append(button);
  }
}

const features = (list: Feature[]): FeatureCollection => ({
  type: 'FeatureCollection',
  features: list,
});

function draw(map: LiveMap, shown: Shown[], chosen: string | undefined): void {
  const source = (id: string) => map.getSource<GeoJSONSource>(id);
  source('vehicles')?.setData(
    features(
      shown.map(({ position, at }) => ({
        type: 'Feature',
        properties: { id: position.vehicle, speed: position.speed ?? 0, chosen: position.vehicle === chosen },
        geometry: { type: 'Point', coordinates: at },
      })),
    ),
  );
  source('trails')?.setData(
    features(
      shown.map(({ at, trail }) => ({
        type: 'Feature',
        properties: {},
        geometry: { type: 'LineString', coordinates: [...trail.slice(0, -1), at] },
      })),
    ),
  );
}

/** Degrees of longitude brought back into -180…180: a map may be turned round the world. */
const wrapped = (lon: number): number => ((((lon + 180) % 360) + 360) % 360) - 180;

function watchView(map: LiveMap, socket: LiveSocket): void {
  const bounds = map.getBounds();
  const whole = bounds.getEast() - bounds.getWest() >= 360;
  socket.watch({
    west: whole ? -180 : wrapped(bounds.getWest()),
    south: Math.max(-90, bounds.getSouth()),
    east: whole ? 180 : wrapped(bounds.getEast()),
    north: Math.min(90, bounds.getNorth()),
  });
}

function openMap(session: Session): Promise<LiveMap> {
  const map = new LiveMap({
    container: 'map',
    style: session.styleUrl ?? bundledStyle,
    ...home,
    attributionControl: false,
    dragRotate: false,
    hash: true,
  });
  map.addControl(new AttributionControl({ compact: true }));
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-left');
  return new Promise((resolve) => {
    map.once('load', () => {
      for (const [id, source] of Object.entries(liveSources)) map.addSource(id, source);
      for (const layer of liveLayers) map.addLayer(structuredClone(layer) as Parameters<LiveMap['addLayer']>[0]);
      resolve(map);
    });
  });
}

async function main(): Promise<void> {
  setWorkerUrl(workerUrl);
  const hud = new Hud();
  const session = await openSession();
  const map = await openMap(session);
  const vehicles = new Vehicles();
  const panel = new TrackPanel(map, session, vehicles);
  const socket: LiveSocket = new LiveSocket(session, {
    onFrame: (frame) => {
      vehicles.apply(frame, performance.now());
      hud.countFrame(frame.positions.length);
    },
    onState: (state, detail) => hud.showState(state, detail),
  });
  watchView(map, socket);
  map.on('moveend', () => watchView(map, socket));
  map.on('click', 'vehicles', ({ features }) => panel.open(String(features?.[0]?.properties.id)));
  const tick = () => {
    draw(map, vehicles.at(performance.now()), panel.chosen);
    hud.showCounts(vehicles.size, vehicles.age(Date.now() + socket.clockOffset));
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  await showPlaces(map);
}

main().catch((error: unknown) => new Hud().showState('lost', error instanceof Error ? error.message : String(error)));
