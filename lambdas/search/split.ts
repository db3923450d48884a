/**
 * Splits a list into parts of at most `maxBytes` as JSON, in order; an item larger than that stands alone.
 * @param maxBytes of the items and the commas between them
 */
export function splitBySize<T>(items: readonly T[], maxBytes: number): T[][] {
  const parts: T[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    const part = parts.at(-1);
    if (part === undefined || bytes > room) {
      parts.push([item]);
      room = maxBytes - bytes;
    } else {
      part.push(item);
      room -= bytes;
    }
  }
  return parts;
}
