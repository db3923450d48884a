import { z } from 'zod';
import { BadRequest } from '../../contract/errors';
import type { Latest } from '../../contract/hot/latest';
import type { App } from './app';
import { candidate, KMH, number, percentage, reportsOf, timeOf, word } from './fields';
import { jsonOf, understood } from './json';

const messageSchema = z.looseObject({ _type: z.string() });

/** Battery states: 2 charging, 3 full; 0 is unknown. */
const charging = (bs: unknown) => (bs === 1 ? false : bs === 2 || bs === 3 ? true : undefined);

const activityOf = (activities: unknown) => (Array.isArray(activities) ? word(activities[0]) : undefined);

/** Two characters that a friend's pin shows until there is a card. */
const initials = (device: string) => device.replaceAll(/[^A-Za-z0-9]/g, '').slice(-2) || 'ws';

/** A friend as the app shows it: times in whole seconds, speeds in whole km/h. */
function friend({ device, position }: Latest) {
  const { time, lat, lon, accuracy, speed, heading, altitude } = position;
  return {
    _type: 'location',
    tid: initials(device),
    topic: `owntracks/waystream/${device}`,
    tst: Math.floor(time / 1_000),
    lat,
    lon,
    ...(accuracy !== undefined && { acc: Math.round(accuracy) }),
    ...(speed !== undefined && { vel: Math.round(speed / KMH) }),
    ...(heading !== undefined && { cog: Math.round(heading) }),
    ...(altitude !== undefined && { alt: Math.round(altitude) }),
  };
}

/**
 * OwnTracks in HTTP mode: `tst` in seconds, `vel` in km/h. Of its messages only `location` is a position; the others are
 * taken and forgotten, since the app would send again and again what is refused. It wants a list in answer, of friends'
 * locations or of nothing. Sources: OwnTracks booklet, "HTTP" and "JSON".
 */
export const owntracks: App = {
  role: 'device',
  showsFriends: true,
  read(message) {
    // Deleting a friend posts nothing at all.
    if (message.body.length === 0) return [];
    const fields = understood(messageSchema, jsonOf(message), 'OwnTracks');
    if (fields._type === 'encrypted') {
      const detail = 'The message is encrypted, and nobody here has its key: clear the app’s encryption key.';
      throw new BadRequest('encrypted', detail);
    }
    if (fields._type !== 'location') return [];
    const point = candidate({
      time: timeOf(fields.tst),
      lat: number(fields.lat),
      lon: number(fields.lon),
      accuracy: number(fields.acc),
      speed: scaled(number(fields.vel)),
      heading: number(fields.cog),
      altitude: number(fields.alt),
      attributes: {
        battery: percentage(number(fields.batt)),
        charging: charging(fields.bs),
        activity: activityOf(fields.motionactivities),
      },
    });
    return reportsOf([point]);
  },
  answer: ({ friends }) => friends.map(friend),
};

const scaled = (kmh: number | undefined) => (kmh === undefined ? undefined : kmh * KMH);
