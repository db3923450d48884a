const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const dateTime = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)([.,]\d+)?\s*([Zz]|[+-]\d\d:?\d\d)?$/;

/** @returns NaN where a text is no number */
export function toNumber(text: string): number {
  const trimmed = text.trim();
  return decimal.test(trimmed) ? Number(trimmed) : Number.NaN;
}

/**
 * A moment of a file, cut to milliseconds. One without a zone is UTC, which GPX asks for anyway.
 * Source: GPX 1.1 Schema Documentation, `time`: "Date and time in are in Univeral Coordinated Time (UTC), not local time!"
 * @returns epoch ms, NaN where the text is no time
 */
export function toTime(text: string): number {
  const [, day, clock, fraction = '', zone = 'Z'] = dateTime.exec(text.trim()) ?? [];
  if (day === undefined || clock === undefined) return Number.NaN;
  const milliseconds = fraction === '' ? '' : `.${fraction.slice(1, 4).padEnd(3, '0')}`;
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  const colon = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  return Date.parse(`${day}T${seconds}${milliseconds}${colon}`);
}
