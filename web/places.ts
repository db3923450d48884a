import { type Map as LiveMap, Marker } from 'maplibre-gl';
import { z } from 'zod';

const placesSchema = z.array(z.object({ slug: z.string(), name: z.string(), at: z.tuple([z.number(), z.number()]) }));
/** The cities that the bundled recordings drive through. */
const inTheMenu = ['porto', 'austin'];
const CITY_ZOOM = 12;

function label(map: LiveMap, name: string, at: [number, number]): void {
  const element = document.createElement('div');
  element.className = 'city';
  element.textContent = name;
  new Marker({ element }).setLngLat(at).addTo(map);
}

function button(map: LiveMap, name: string, center: [number, number]): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = name;
  element.addEventListener('click', () => map.flyTo({ center, zoom: CITY_ZOOM, duration: 1_500 }));
  return element;
}

/** Names of the cities as elements over the map: the bundled style has no fonts to draw text with. */
export async function showPlaces(map: LiveMap): Promise<void> {
  const places = placesSchema.parse(await (await fetch('./places.json')).json());
  for (const { name, at } of places) label(map, name, at);
  for (const slug of inTheMenu) {
    const place = places.find((each) => each.slug === slug);
    if (place) document.querySelector('#places')?.append(button(map, place.name, place.at));
  }
}
