import 'maplibre-gl/dist/maplibre-gl.css';
import '../style.css';
import './ride.css';
import type { Map as RideBase } from 'maplibre-gl';
import { why } from '../ask';
import { element, say } from '../element';
import { openMap } from '../open-map';
import { showPlaces } from '../places';
import { Session, subjectOf } from '../session';
import { openedBy, rideAddress } from './address';
import { RideApi } from './ride-api';
import { RidePage } from './ride-page';
import { RidesList } from './rides-list';

/** For whoever looks into the page with a browser's console, or tests it. */
declare global {
  var waystreamRide: { map: RideBase; page?: RidePage } | undefined;
}

/** An operator may look at anybody's rides. */
function askWhose(owner: string): void {
  const form = element('whose');
  const input = element('owner', HTMLInputElement);
  input.value = owner;
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    location.assign(rideAddress(input.value.trim()));
  });
}

async function main(): Promise<void> {
  const session = await Session.open();
  const opened = openedBy(location.search);
  const list = new RidesList(new RideApi(session), opened.owner, opened.task);
  const listed = list.load();
  // Whose a token is counts once the API has taken it.
  if (opened.owner === undefined) await listed;
  const owner = opened.owner ?? subjectOf(session.token);
  if (session.operator) askWhose(owner ?? '');
  const map = openMap(session.styleUrl, {}, 'top-right');
  globalThis.waystreamRide = { map };
  const loaded = Promise.all([map.once('load'), showPlaces(map)]);
  if (owner !== undefined && opened.task !== undefined) {
    document.title = `Waystream · ${opened.task}`;
    const page = new RidePage(map, session, { owner, task: opened.task });
    globalThis.waystreamRide = { map, page };
    await Promise.all([page.open(), loaded.then(() => page.mapLoaded())]);
  } else {
    await Promise.all([listed, loaded]);
    if (!list.empty) say('message', 'Choose a ride from the list.');
  }
}

main().catch((error: unknown) => say('message', why(error)));
