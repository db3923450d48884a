import 'maplibre-gl/dist/maplibre-gl.css';
import './style.css';
import type { Map as LiveMap } from 'maplibre-gl';
import { why } from './ask';
import { addLiveLayers, draw, vehicleAt } from './draw';
import { Hud } from './hud';
import { LiveSocket } from './live-socket';
import { openMap } from './open-map';
import { showPlaces } from './places';
import { Session } from './session';
import { TrackPanel } from './track-panel';
import { Vehicles } from './vehicles';

/** Vehicles move by a pixel or two between two drawings: thirty a second look smooth (ms). */
const DRAW_MS = 30;

/** For whoever looks into the page with a browser's console, or measures it. */
declare global {
  var waystream: { map: LiveMap; vehicles: Vehicles } | undefined;
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

/** A click chooses the vehicle under it; Enter, on the map, the one next to its middle. */
function listenForChoice(map: LiveMap, panel: TrackPanel): void {
  const choose = (vehicle: string | undefined) => (vehicle === undefined ? panel.close() : panel.open(vehicle));
  map.on('click', ({ point }) => choose(vehicleAt(map, point)));
  map.getCanvas().addEventListener('keydown', ({ key }) => {
    const { clientWidth, clientHeight } = map.getCanvas();
    const middle = { x: clientWidth / 2, y: clientHeight / 2 };
    if (key === 'Enter') choose(vehicleAt(map, middle, Math.max(middle.x, middle.y)));
  });
  map.on('mousemove', ({ point }) => {
    map.getCanvas().style.cursor = vehicleAt(map, point) === undefined ? '' : 'pointer';
  });
}

async function main(): Promise<void> {
  const hud = new Hud();
  const session = await Session.open();
  const map = openMap(session.styleUrl, { hash: true });
  const vehicles = new Vehicles();
  const panel = new TrackPanel(map, session, vehicles);
  const socket = new LiveSocket(session, {
    onFrame: (frame) => {
      vehicles.apply(frame, performance.now());
      panel.follow(frame);
      hud.countFrame(frame.positions.length);
    },
    onState: (state, detail) => hud.showState(state, detail),
  });
  watchView(map, socket);
  map.on('moveend', () => watchView(map, socket));
  globalThis.waystream = { map, vehicles };
  await Promise.all([map.once('load'), showPlaces(map)]);
  addLiveLayers(map);
  listenForChoice(map, panel);
  let drawnAt = 0;
  const tick = (now: number) => {
    requestAnimationFrame(tick);
    if (now - drawnAt < DRAW_MS) return;
    drawnAt = now;
    const serverNow = Date.now() + socket.clockOffset;
    vehicles.expire(serverNow);
    draw(map, vehicles.at(performance.now()), panel.chosen, serverNow);
    hud.showCounts(vehicles.size, vehicles.age(serverNow));
    panel.refresh(serverNow);
  };
  requestAnimationFrame(tick);
}

main().catch((error: unknown) => new Hud().showState('lost', why(error)));
