import { readDataset } from '../../replay/datasets';
import { seeded } from '../random';

/** A vehicle's place and course. Angles in degrees, speed in m/s. */
export interface Vehicle {
  id: string;
  lat: number;
  lon: number;
  heading: number;
  speed: number;
}

export interface Viewport {
  west: number;
  south: number;
  east: number;
  north: number;
}

const METRES_PER_DEGREE = 111_195;

/** What vehicles keep to, and turn round at: Porto and what lies about it. */
const town: Viewport = { west: -8.75, south: 41.05, east: -8.5, north: 41.28 };

/** Places where taxis of Porto have been, as dense as they were. @returns so many, the same in each run */
async function busyPlaces(count: number, random: () => number): Promise<{ lat: number; lon: number }[]> {
  const places = (await readDataset('porto')).map(({ point }) => point).filter((point) => inside(point, town));
  return Array.from({ length: count }, () => {
    const place = places[Math.floor(random() * places.length)] ?? { lat: 41.15, lon: -8.61 };
    return { lat: place.lat, lon: place.lon };
  });
}

/** Vehicles on their way through Porto, where its taxis are most. */
export async function vehiclesOf(count: number, seed = 1): Promise<Vehicle[]> {
  const random = seeded(seed);
  return (await busyPlaces(count, random)).map((place, index) => ({
    id: `load-${index}`,
    ...place,
    heading: Math.floor(random() * 360),
    speed: 4 + Math.floor(random() * 10),
  }));
}

/** @returns where it is after so long, turned a little, and round where the town ends; six digits after the point */
export function drive(vehicle: Vehicle, milliseconds: number, random: () => number): Vehicle {
  const metres = (vehicle.speed * milliseconds) / 1_000;
  const course = (vehicle.heading * Math.PI) / 180;
  const lat = vehicle.lat + (metres * Math.cos(course)) / METRES_PER_DEGREE;
  const lon = vehicle.lon + (metres * Math.sin(course)) / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180));
  const stays = inside({ lat, lon }, town);
  const turn = stays ? Math.round(random() * 30 - 15) : 180;
  const place = stays ? { lat: micro(lat), lon: micro(lon) } : {};
  return { ...vehicle, ...place, heading: (vehicle.heading + turn + 360) % 360 };
}

const micro = (degrees: number) => Math.round(degrees * 1e6) / 1e6;

/** Maps on phones, each with a place in its middle where vehicles are. @param size kilometres */
export async function viewportsOf(
  count: number,
  { widthKm, heightKm }: { widthKm: number; heightKm: number },
  seed = 2,
): Promise<Viewport[]> {
  const places = await busyPlaces(count, seeded(seed));
  return places.map(({ lat, lon }) => viewportAround(lat, lon, widthKm, heightKm));
}

function viewportAround(lat: number, lon: number, widthKm: number, heightKm: number): Viewport {
  const tall = (heightKm * 500) / METRES_PER_DEGREE;
  const wide = (widthKm * 500) / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180));
  return { west: micro(lon - wide), south: micro(lat - tall), east: micro(lon + wide), north: micro(lat + tall) };
}

/** @returns whether a place is in a box that does not cross the antimeridian; edges are inside */
export function inside({ lat, lon }: { lat: number; lon: number }, box: Viewport): boolean {
  return lat >= box.south && lat <= box.north && lon >= box.west && lon <= box.east;
}
