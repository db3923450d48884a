import { z } from 'zod';
import type { App, Candidate } from './app';
import { candidate, number, percent, reportsOf, timeOf, word } from './fields';
import { jsonOf, understood } from './json';

const featureSchema = z.looseObject({
  geometry: z.looseObject({ coordinates: z.array(z.unknown()) }),
  properties: z.looseObject({}),
});

const batchSchema = z.looseObject({ locations: z.array(z.unknown()), current: z.unknown().optional() });

const states: Readonly<Record<string, boolean>> = { charging: true, full: true, unplugged: false };

/** @returns nothing for what is no place: entries of the app's own log, ends of trips */
function pointOf(value: unknown): Candidate[] {
  const feature = featureSchema.safeParse(value);
  if (!feature.success) return [];
  const { geometry, properties: found } = feature.data;
  const [lon, lat] = geometry.coordinates;
  const motion = Array.isArray(found.motion) ? found.motion[0] : undefined;
  return [
    candidate({
      time: timeOf(found.timestamp),
      lat: number(lat),
      lon: number(lon),
      accuracy: number(found.horizontal_accuracy),
      speed: number(found.speed),
      heading: number(found.course),
      altitude: number(found.altitude),
      attributes: {
        battery: percent(number(found.battery_level)),
        charging: states[String(found.battery_state)],
        activity: word(motion),
      },
    }),
  ];
}

/**
 * Overland: batches of GeoJSON points in SI units, −1 for what is unknown. Where much waits on the phone, `current` is
 * its newest location, which comes again with its own batch: a repeat. The app keeps and sends again whatever is not
 * answered with `{"result":"ok"}`. Source: aaronpk/Overland-iOS, README, "API".
 */
export const overland: App = {
  role: 'device',
  read(message) {
    const { locations, current } = understood(batchSchema, jsonOf(message), 'Overland');
    return reportsOf([...locations, current].flatMap(pointOf));
  },
  answer: () => ({ result: 'ok' }),
};
