import type { Point } from './point';

/** @returns a member of what may be an object */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

export function textOf(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === 'string' ? found : undefined;
}

export function numberOf(value: unknown, name: string): number | undefined {
  const found = member(value, name);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

export function listOf(value: unknown, name: string): unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

/** @returns undefined where the text is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const optional = ['accuracy', 'speed', 'heading', 'altitude'] as const;

/** Reads a position; undefined where it is none. */
export function pointOf(value: unknown): Point | undefined {
  const [time, lat, lon] = [numberOf(value, 'time'), numberOf(value, 'lat'), numberOf(value, 'lon')];
  if (time === undefined || lat === undefined || lon === undefined) return undefined;
  const point: Point = { time, lat, lon };
  for (const name of optional) {
    const figure = numberOf(value, name);
    if (figure !== undefined) point[name] = figure;
  }
  const attributes = attributesOf(member(value, 'attributes'));
  return attributes ? { ...point, attributes } : point;
}

type Attribute = string | number | boolean;
const isAttribute = (entry: [string, unknown]): entry is [string, Attribute] =>
  ['string', 'number', 'boolean'].includes(typeof entry[1]);

function attributesOf(value: unknown): Record<string, Attribute> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).filter(isAttribute));
}
