const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Offsets kept, one per zone and quarter of an hour; emptied when full. */
const CACHE_LIMIT = 50_000;

/** Zones change their offset on a quarter of an hour of UTC at the finest (since 1972). */
const QUARTER_MS = HOUR_MS / 4;

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();
let kept = 0;

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, formatter);
  return formatter;
}

/** What a clock on the wall shows, read as if it were UTC. */
function wallClock(time: number, timeZone: string): number {
  const figures = new Map(
    formatterOf(timeZone)
      .formatToParts(time)
      .map((part) => [part.type, Number(part.value)]),
  );
  const get = (type: Intl.DateTimeFormatPartTypes) => figures.get(type) ?? 0;
  return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
}

/**
 * How far a zone's clocks are ahead of UTC at `time`, in ms.
 * @throws RangeError where the zone is unknown
 */
export function zoneOffset(time: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const quarter = Math.floor(time / QUARTER_MS);
  const ofZone = offsets.get(timeZone) ?? new Map<number, number>();
  const known = ofZone.get(quarter);
  if (known !== undefined) return known;
  if (kept >= CACHE_LIMIT) {
    offsets.clear();
    ofZone.clear();
    kept = 0;
  }
  const start = quarter * QUARTER_MS;
  const offset = wallClock(start, timeZone) - start;
  offsets.set(timeZone, ofZone.set(quarter, offset));
  kept += 1;
  return offset;
}

const isoDay = (time: number) => new Date(time).toISOString().slice(0, 10);

/** @returns the day, `YYYY-MM-DD`, that a wall calendar in the zone shows at `time` (epoch ms) */
export const localDay = (time: number, timeZone: string): string => isoDay(time + zoneOffset(time, timeZone));

/**
 * The first moment of a local day. Where the clocks jump over midnight, that is the moment of the jump; where they
 * fall back over it, the first of the two midnights.
 */
function startOfDay(day: string, timeZone: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // No zone is further than 14 hours ahead or 12 behind; the day begins at the first quarter that shows it.
  for (let time = midnight - 15 * HOUR_MS; ; time += QUARTER_MS) {
    if (localDay(time, timeZone) >= day) return time;
  }
}

const bounds = new Map<string, { from: number; to: number }>();

/**
 * When a local day begins and ends (epoch ms; `to` is the next day's `from`): 24 hours apart, or 23 or 25 where the
 * clocks change.
 * @param day `YYYY-MM-DD`
 */
export function localDayBounds(day: string, timeZone: string): { from: number; to: number } {
  const key = `${timeZone} ${day}`;
  const known = bounds.get(key);
  if (known) return known;
  const next = isoDay(Date.parse(`${day}T00:00:00Z`) + DAY_MS);
  const found = { from: startOfDay(day, timeZone), to: startOfDay(next, timeZone) };
  if (bounds.size >= 5_000) bounds.clear();
  bounds.set(key, found);
  return found;
}
