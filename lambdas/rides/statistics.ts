import type { Statistics } from '../contract/rides';
import { packIntegers } from './integers';
import { type Place, toPlace } from './outline';
import type { Summary } from './summary';
import { finish } from './trace';
import { TURN, type Way } from './way';

const rounded = (value: number, decimals: number) => Math.round(value * 10 ** decimals) / 10 ** decimals;

/** A longitude within ±180°, 1e-7 degrees. */
const wrapped = (lon: number) => lon - TURN * Math.floor((lon + TURN / 2) / TURN);

function toBox({ west, south, east, north }: Way['box']): Statistics['boundingBox'] {
  const whole = east - west >= TURN;
  // The antimeridian itself is the east of what ends at it, and the west of what begins there.
  const [w, e] = whole ? [-TURN / 2, TURN / 2] : [wrapped(west), 0 - wrapped(-east)];
  return { west: w / 1e7, south: south / 1e7, east: e / 1e7, north: north / 1e7 };
}

/** Google's encoded polyline, five decimals, latitude first. */
function toPolyline(places: readonly Place[]): string {
  return packIntegers(
    places.flatMap(({ lat, lon }, index) => {
      const before = places[index - 1] ?? { lat: 0, lon: 0 };
      return [lat - before.lat, lon - before.lon];
    }),
  );
}

/** The outline, and the place where the way ends. */
function placesOf({ outline, last }: Way): Place[] {
  const end = last.map(toPlace).at(-1);
  const ended = end === undefined || outline.places.at(-1)?.second === end.second;
  return ended ? outline.places : [...outline.places, end];
}

/** With two places only there are no two steps in a row: then the only one counts. */
function fastestOf({ fastest, first: [a, b], last, moved, moving }: Way): number {
  const single = a !== undefined && b !== undefined && last.at(-1)?.time === b.time;
  return single && moving > 0 ? Math.round((moved * 1_000) / moving) : fastest;
}

/** @returns the figures that a summary stands for */
export function toStatistics({ points, from, to, trace, climb }: Summary): Statistics | undefined {
  const { way, spikes } = finish(trace);
  if (way === undefined) return undefined;
  const { moved, moving } = way;
  return {
    points,
    startedAt: from,
    endedAt: to,
    distance: rounded(way.distance / 1_000, 1),
    elapsedSeconds: (to - from) / 1_000,
    movingSeconds: moving / 1_000,
    averageSpeed: moving === 0 ? 0 : rounded(moved / moving, 2),
    maximumSpeed: rounded(fastestOf(way) / 1_000, 2),
    ...(climb && { ascent: climb.ascent / 100, descent: climb.descent / 100 }),
    boundingBox: toBox(way.box),
    polyline: toPolyline(placesOf(way)),
    gaps: { count: way.gaps, seconds: way.gapMs / 1_000 },
    spikes,
  };
}
