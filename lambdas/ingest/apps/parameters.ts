import { z } from 'zod';
import type { Candidate, Message } from './app';
import { candidate, number, percentage, timeOf, word } from './fields';
import { jsonOf } from './json';

/** Values by name, as a query string, a form or a flat JSON object has them. */
export type Parameters = Readonly<Record<string, unknown>>;

/** By which names an app calls what it tells, the first that is there counts. */
export interface Names {
  time: readonly string[];
  lat: readonly string[];
  lon: readonly string[];
  accuracy: readonly string[];
  speed: readonly string[];
  heading: readonly string[];
  altitude: readonly string[];
  battery: readonly string[];
  activity?: readonly string[];
}

/** @returns each point's parameters: those of the query with a form's or with one JSON object's, or a list of objects */
export function parametersOf(message: Message): Parameters[] {
  const text = message.body.toString('utf8').trim();
  if (/^[[{]/.test(text)) {
    const objects = z.array(z.looseObject({})).safeParse([jsonOf(message)].flat());
    return objects.success ? objects.data.map((each) => ({ ...message.query, ...each })) : [];
  }
  return [{ ...message.query, ...Object.fromEntries(new URLSearchParams(text)) }];
}

/**
 * @param speedUnit m/s of one unit of speed
 * @param now where the app tells no time at all (epoch ms)
 */
export function pointOf(found: Parameters, names: Names, speedUnit: number, now: number): Candidate {
  const of = (some: readonly string[] = []) => some.map((name) => found[name]).find((value) => value !== undefined);
  const time = of(names.time);
  const speed = number(of(names.speed));
  return candidate({
    time: time === undefined ? now : timeOf(time),
    lat: number(of(names.lat)),
    lon: number(of(names.lon)),
    accuracy: number(of(names.accuracy)),
    speed: speed === undefined ? undefined : speed * speedUnit,
    heading: number(of(names.heading)),
    altitude: number(of(names.altitude)),
    attributes: { battery: percentage(number(of(names.battery))), activity: word(of(names.activity)) },
  });
}
