/**
 * Whole numbers as text, small ones short: each zigzag-coded in groups of five bits, the least first, as characters
 * from `?` on. Source: "Encoded Polyline Algorithm Format", Google Maps Platform; here for numbers up to 2^52.
 */
export function packIntegers(values: readonly number[]): string {
  let text = '';
  for (const value of values) {
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    for (; rest >= 32; rest = Math.floor(rest / 32)) text += String.fromCharCode((rest % 32) + 32 + 63);
    text += String.fromCharCode(rest + 63);
  }
  return text;
}

/**
 * Reads numbers back.
 * @throws RangeError where the text is not made of whole numbers
 */
export function unpackIntegers(text: string): number[] {
  const values: number[] = [];
  let value = 0;
  let weight = 1;
  for (let at = 0; at < text.length; at += 1) {
    const group = text.charCodeAt(at) - 63;
    if (group < 0 || group > 63) throw new RangeError(`not packed integers: ${text}`);
    value += (group % 32) * weight;
    weight *= 32;
    if (group >= 32) continue;
    values.push(value % 2 === 1 ? -(value + 1) / 2 : value / 2);
    value = 0;
    weight = 1;
  }
  if (weight !== 1) throw new RangeError(`packed integers that end early: ${text}`);
  return values;
}
