/** JSON as a template holds it. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws when it is not an object; `what` says of what */
export function objectOf(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw new TypeError(`${what} is not an object`);
  return value;
}
